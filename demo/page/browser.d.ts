// What the page imports by the address the server gives it, for the type checker: the browser reads none of this.
// Patterns, because the checker takes a name that begins with a slash for a path on the disk.

declare module '*/dist/holdfast.min.js' {
  type Holdfast = typeof import('../../src/index.ts')
  export const createClient: Holdfast['createClient']
  export const render: Holdfast['render']
}

declare module '*/vendor/streaming-markdown.js' {
  type Markdown = typeof import('streaming-markdown')
  export const parser: Markdown['parser']
  export const parser_write: Markdown['parser_write']
  export const parser_end: Markdown['parser_end']
  export const default_renderer: Markdown['default_renderer']
  export const default_add_token: Markdown['default_add_token']
  export const default_set_attr: Markdown['default_set_attr']
  export const Token: Markdown['Token']
  export const Attr: Markdown['Attr']
}
