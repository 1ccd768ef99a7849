import { existsSync } from 'node:fs'

/** The first of these files that exists: an installed program. */
export function installed(...paths: readonly (string | undefined)[]): string | undefined {
  return paths.find((path) => path !== undefined && existsSync(path))
}

/** One line for whoever has to do without. */
export function missing(what: string, packages: string, variable: string): string {
  return `No ${what} found, so its tests are left out (Debian: apt-get install ${packages}; or set ${variable} to its path)`
}
