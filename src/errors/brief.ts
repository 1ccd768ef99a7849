const BRIEF = 300

/** An error page or a model's complaint can be megabytes; a message is for a banner or a log line. */
export function brief<T extends string | undefined>(text: T): T | string {
  return text && text.length > BRIEF ? `${text.slice(0, BRIEF)}…` : text
}
