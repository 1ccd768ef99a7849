/** What everything is called in Redis. No key, header or text is part of a name. */
export class Keys {
  /** This process. */
  readonly process: string
  readonly #prefix: string

  constructor(prefix: string, process: string) {
    this.#prefix = prefix
    this.process = process
  }

  /** The braces keep what belongs to one answer in one hash slot. */
  log(id: string): string {
    return `${this.#prefix}{${id}}:log`
  }

  idOf(log: string): string {
    return log.slice(this.#prefix.length + 1, -'}:log'.length)
  }

  /** Somebody reads it in another process. */
  readers(id: string): string {
    return `${this.#prefix}{${id}}:readers`
  }

  /** It was there, and is not to come back. */
  forgotten(id: string): string {
    return `${this.#prefix}{${id}}:forgotten`
  }

  question(name: string): string {
    return `${this.#prefix}question:${name}`
  }

  alive(process: string): string {
    return `${this.#prefix}process:${process}:alive`
  }

  /** A stream by which others reach a process. */
  ear(process: string): string {
    return `${this.#prefix}process:${process}:ear`
  }
}
