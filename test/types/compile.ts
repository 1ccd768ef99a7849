/** Code as a user's project would hold it, checked against the package as it is built. Nothing is written to disk. */
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export interface Project {
  /** @defaultValue the one that compiles this project */
  readonly compiler?: typeof ts
  /** What differs from this project's own options, as `tsconfig.json` would say it. */
  readonly options?: Readonly<Record<string, unknown>>
}

export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url))
/** Inside the package, so that its own name leads, by its `exports`, to `dist`. */
const HERE = `${ROOT}test/types/virtual/`

/** What the snippets use without making it. */
const FREE_NAMES = `
declare const messages: { role: 'user'; content: string }[]
declare const userOf: (request: Request) => string | undefined
declare const process: {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: { write(text: string): void }
  once(signal: string, ended: () => void): void
}
declare const output: HTMLElement
declare const banner: HTMLElement
declare const holdfast: typeof import('holdfast')
declare const Holdfast: typeof import('holdfast')
declare function $state<T>(value: T): T
declare function $props(): any
declare function $effect(run: () => void): void
declare module 'express' { const express: any; export default express }
declare module 'next/server' { export const after: (work: Promise<unknown>) => void }
declare module '@microsoft/fetch-event-source' {
  export function fetchEventSource(
    url: string,
    options: { onmessage(event: { data: string }): void; onclose(): void; onerror(error: unknown): void; [more: string]: unknown },
  ): Promise<void>
}
`

export interface Piece {
  readonly code: string
  readonly isJsx?: boolean
}

/**
 * Compiles each snippet as a module of its own, all in one program, as strictly as this project.
 *
 * @returns what the compiler has to say of each, in order: `TS2322: Type 'string' is …`.
 */
export function complaintsOf(
  snippets: readonly Piece[],
  options?: Project['options'],
): readonly (readonly string[])[] {
  const { program, paths } = programOf(snippets, { ...(options && { options }) }, FREE_NAMES)
  return paths.map((path) => complaintsIn(program, program.getSourceFile(path)))
}

/** What another project's compiler has to say of the package's types, and of its own code. */
export function complaintsOfProject(code: string, project: Project): readonly string[] {
  const options = { skipLibCheck: false, ...project.options }
  const { program } = programOf([{ code }], { ...project, options })
  return program
    .getSourceFiles()
    .filter(({ fileName }) => fileName.startsWith(`${ROOT}dist/`) || fileName === `${HERE}0.ts`)
    .flatMap((file) => complaintsIn(program, file))
}

function programOf(snippets: readonly Piece[], { compiler = ts, options }: Project, freeNames = '') {
  const paths = snippets.map(({ isJsx }, at) => `${HERE}${at}.ts${isJsx ? 'x' : ''}`)
  const files = new Map(paths.map((path, at) => [path, snippets[at]?.code ?? '']))
  files.set(`${HERE}free-names.d.ts`, freeNames)
  const given = optionsOf(compiler, options)
  return { program: compiler.createProgram([...files.keys()], given, hostOf(compiler, files, given)), paths }
}

function optionsOf(compiler: typeof ts, own: Project['options']): ts.CompilerOptions {
  const { config } = compiler.readConfigFile(`${ROOT}tsconfig.json`, compiler.sys.readFile)
  // Without `outDir`, or the compiler goes from `dist` back to `src`.
  const {
    outDir: _,
    rootDir: __,
    declaration: ___,
    isolatedDeclarations: ____,
    ...strict
  } = config.compilerOptions
  // Whoever shows an option in three lines need not use each of its parameters.
  const relaxed = { noUnusedLocals: false, noUnusedParameters: false, noEmit: true, jsx: 'preserve' }
  return compiler.convertCompilerOptionsFromJson({ ...strict, ...relaxed, ...own }, ROOT).options
}

function hostOf(
  compiler: typeof ts,
  files: ReadonlyMap<string, string>,
  options: ts.CompilerOptions,
): ts.CompilerHost {
  const host = compiler.createCompilerHost(options)
  return {
    ...host,
    fileExists: (path) => files.has(path) || host.fileExists(path),
    readFile: (path) => files.get(path) ?? host.readFile(path),
    getSourceFile(path, languageVersion, ...rest) {
      const text = files.get(path)
      if (text === undefined) return host.getSourceFile(path, languageVersion, ...rest)
      return compiler.createSourceFile(path, text, languageVersion)
    },
  }
}

function complaintsIn(program: ts.Program, file: ts.SourceFile | undefined): string[] {
  if (!file) throw new Error('The compiler has not read the file')
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(said)
}

function said({ code, messageText }: ts.Diagnostic): string {
  const lines = (text: string | ts.DiagnosticMessageChain): string =>
    typeof text === 'string' ? text : [text.messageText, ...(text.next ?? []).map(lines)].join('\n')
  return `TS${code}: ${lines(messageText)}`
}
