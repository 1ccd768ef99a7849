/** What the compiler has to refuse, and its one complaint. Each is a module of its own. */

const caught = 'declare const error: unknown'

/** A call with these options. */
function called(options: string): string {
  return `import { stream } from 'holdfast'\nstream('/api/chat', ${options})`
}

function client(options: string): string {
  return `import { createClient } from 'holdfast'\ncreateClient(${options})`
}

function read(statement: string): string {
  return `import { stream } from 'holdfast'\nconst answer = await stream('/api/chat').answer()\n${statement}`
}

function failed(imports: string, statement: string): string {
  return `import { ${imports} } from 'holdfast'\n${caught}\n${statement}`
}

export const refused: readonly (readonly [name: string, code: string, complaint: string])[] = [
  ...(
    [
      [
        'a misspelt option',
        '{ jsn: {} }',
        "TS2561: Object literal may only specify known properties, but 'jsn' does not",
      ],
      [
        'a misspelt callback',
        '{ onChunks: () => {} }',
        "TS2561: Object literal may only specify known properties, but 'onChunks' does not",
      ],
      [
        'a misspelt clock',
        '{ timeouts: { idle: 5 } }',
        "TS2353: Object literal may only specify known properties, and 'idle'",
      ],
      ['a misspelt retry option', '{ retry: { retries: 3 } }', "'retries' does not exist"],
      ['a misspelt budget option', '{ retry: { budget: { token: 3 } } }', "'token' does not exist"],
      [
        'a misspelt option of an endpoint',
        "{ endpoints: [{ url: '/a', header: {} }] }",
        "'header' does not exist",
      ],
      ['an endpoint without its url', '{ endpoints: [{ json: {} }] }', "TS2741: Property 'url' is missing"],
      ['an option of the client at a call', '{ maxConcurrent: 4 }', "'maxConcurrent' does not exist"],
      ['a time as text', "{ stallMs: '5s' }", "TS2322: Type 'string' is not assignable to type 'number'"],
      [
        'a clock switched off with false',
        '{ timeouts: { idleMs: false } }',
        "TS2322: Type 'boolean' is not assignable to type 'number'",
      ],
      ['retry: true', '{ retry: true }', "TS2322: Type 'true' is not assignable"],
      [
        'a word that recovery does not know',
        "{ recovery: 'restart' }",
        `TS2322: Type '"restart"' is not assignable to type 'Recovery`,
      ],
      [
        'the name of a dialect',
        "{ dialect: 'openai' }",
        "TS2322: Type 'string' is not assignable to type 'Dialect",
      ],
      [
        'a dialect that gives no text',
        '{ dialect: () => 5 }',
        "Type 'number' is not assignable to type 'string | Meaning | undefined'",
      ],
      ['an object as body', '{ body: { messages: [] } }', 'TS2353'],
      [
        'a checkpoint that is still text',
        "{ from: localStorage.getItem('answer') }",
        "TS2322: Type 'string | null' is not assignable to type 'Checkpoint",
      ],
      [
        'a controller as signal',
        '{ signal: new AbortController() }',
        "TS2740: Type 'AbortController' is missing",
      ],
      ['duplex: full', "{ duplex: 'full' }", `TS2322: Type '"full"' is not assignable to type '"half"'`],
      [
        'a number as idempotencyKey',
        '{ idempotencyKey: 5 }',
        "TS2322: Type 'number' is not assignable to type 'string | boolean",
      ],
      [
        'onError, asked for an abort',
        "{ onError: (error) => error.code === 'aborted' }",
        'TS2367: This comparison appears to be unintentional',
      ],
      [
        'onAbort, asked for a status',
        '{ onAbort: (error) => error.status }',
        "TS2339: Property 'status' does not exist on type 'AbortedError'",
      ],
      [
        'onChunk, given text as a number',
        '{ onChunk: (text: number) => {} }',
        "TS2322: Type '(text: number) => void' is not assignable",
      ],
      [
        'onRetry, asked for a status without its code',
        '{ onRetry: ({ error }) => void error.status }',
        "TS2339: Property 'status' does not exist on type 'StreamFailure'",
      ],
    ] as const
  ).map(([name, options, complaint]) => [name, called(options), complaint] as const),
  ...(
    [
      ['the json of one call', '{ json: {} }', "'json' does not exist in type 'ClientOptions'"],
      ['the body of one call', "{ body: 'text' }", "'body' does not exist in type 'ClientOptions'"],
      ['the checkpoint of one call', '{ from: undefined }', "'from' does not exist in type 'ClientOptions'"],
      [
        'one key for all calls',
        "{ idempotencyKey: 'text' }",
        "TS2322: Type 'string' is not assignable to type 'boolean | undefined'",
      ],
      [
        'a misspelt breaker option',
        '{ breaker: { threshold: 5 } }',
        "'threshold' does not exist in type 'ClientBreakerOptions'",
      ],
      ['breaker: true', '{ breaker: true }', "TS2322: Type 'true' is not assignable"],
      [
        'a misspelt baseUrl',
        "{ baseURL: '/api' }",
        "TS2561: Object literal may only specify known properties, but 'baseURL' does not",
      ],
    ] as const
  ).map(([name, options, complaint]) => [`client: ${name}`, client(options), complaint] as const),
  ...(
    [
      [
        'writing to an answer',
        "answer.text = ''",
        "TS2540: Cannot assign to 'text' because it is a read-only property",
      ],
      [
        'writing to its tool calls',
        "answer.toolCalls.push({ index: 0, id: '', name: '', arguments: '' })",
        "TS2339: Property 'push' does not exist on type 'readonly ToolCall[]'",
      ],
      ['writing to its measurements', 'answer.stats.bytes = 0', "TS2540: Cannot assign to 'bytes'"],
      [
        'a usage that may be absent',
        'answer.usage.inputTokens',
        "TS18048: 'answer.usage' is possibly 'undefined'",
      ],
      [
        'a word that finishReason never is',
        "answer.finishReason === 'tool_calls'",
        'TS2367: This comparison appears to be unintentional',
      ],
    ] as const
  ).map(([name, statement, complaint]) => [name, read(statement), complaint] as const),
  [
    'a status without narrowing',
    failed('isStreamError', 'if (isStreamError(error)) error.status'),
    "TS2339: Property 'status' does not exist on type 'StreamFailure'",
  ],
  [
    'a status of what is only a StreamError',
    failed('StreamError', 'if (error instanceof StreamError) error.status'),
    "TS2339: Property 'status' does not exist on type 'StreamFailure'",
  ],
  [
    'a code that no error has',
    failed('isStreamError', "if (isStreamError(error)) error.code === 'offline'"),
    'TS2367: This comparison appears to be unintentional',
  ],
  [
    'a phase of another class',
    failed('TimeoutError', "if (error instanceof TimeoutError) error.phase === 'body'"),
    'TS2367: This comparison appears to be unintentional',
  ],
  [
    'writing to an error',
    failed('HttpError', 'if (error instanceof HttpError) error.status = 200'),
    "TS2540: Cannot assign to 'status'",
  ],
  [
    'making a StreamError of no class',
    failed('StreamError', "new StreamError('a', 'b')"),
    'TS2511: Cannot create an instance of an abstract class',
  ],
  [
    'a delta taken for text without asking its type',
    "import { stream } from 'holdfast'\nfor await (const delta of stream('/api/chat')) delta.text.trim()",
    "TS2339: Property 'text' does not exist on type 'Delta'",
  ],
  [
    'the text of a rewind, which is a length',
    "import { stream } from 'holdfast'\nfor await (const delta of stream('/api/chat')) if ('text' in delta) output.append(delta.text.trim())",
    "TS2339: Property 'trim' does not exist on type 'string | number'",
  ],
  [
    'a reply taken for its answer',
    "import { stream } from 'holdfast'\nconst { text } = await stream('/api/chat')\ntext.trim()",
    "TS2339: Property 'trim' does not exist on type '() => Promise<string>'",
  ],
  [
    'a finish that a dialect gives no reason',
    "import type { Delta } from 'holdfast'\nexport const delta: Delta = { type: 'finish' }",
    "TS2322: Type '{ type: \"finish\"; }' is not assignable to type 'Delta'",
  ],
  [
    'a reader that says nothing of how things stand',
    "import type { Dialect } from 'holdfast'\nexport const mine: Dialect = { name: 'mine', open: () => ({ read() {} }) }",
    "Type 'void' is not assignable to type 'Verdict'",
  ],
  [
    'core without a dialect',
    "import { stream } from 'holdfast/core'\nstream('/api/chat', { json: {} })",
    'TS2345: Argument of type',
  ],
  [
    'core without options',
    "import { stream } from 'holdfast/core'\nstream('/api/chat')",
    'TS2554: Expected 2 arguments, but got 1',
  ],
  [
    'core with endpoints, which its stream() leaves out',
    "import { stream } from 'holdfast/core'\nimport { plain } from 'holdfast/dialects'\nstream('', { dialect: plain, endpoints: [{ url: '/a' }] })",
    "'endpoints' does not exist",
  ],
  [
    'core with a checkpoint, which its stream() leaves out',
    "import { stream } from 'holdfast/core'\nimport { plain } from 'holdfast/dialects'\nstream('/a', { dialect: plain, from: undefined })",
    "'from' does not exist",
  ],
  [
    'core with undefined as dialect',
    "import { stream } from 'holdfast/core'\nstream('/api/chat', { dialect: undefined })",
    "TS2322: Type 'undefined' is not assignable",
  ],
  [
    'core with a misspelt option',
    "import { stream } from 'holdfast/core'\nimport { plain } from 'holdfast/dialects'\nstream('/api/chat', { dialect: plain, onChunks: () => {} })",
    "'onChunks' does not",
  ],
  [
    'auto, which core does not have',
    "import { auto } from 'holdfast/core'\nauto",
    `TS2305: Module '"holdfast/core"' has no exported member 'auto'`,
  ],
  [
    'a misspelt option of render',
    "import { render, stream } from 'holdfast'\nawait render(stream('/api/chat'), output, { folow: true })",
    "but 'folow' does not exist in type 'RenderOptions'",
  ],
  [
    'a writer that cannot take text back',
    "import { render, stream } from 'holdfast'\nawait render(stream('/api/chat'), output, { writer: () => ({ write() {} }) })",
    "Property 'rewind' is missing in type",
  ],
  [
    'an end that a scripted fetch does not know',
    "import { scriptedFetch } from 'holdfast/testing'\nscriptedFetch({ end: 'cut' })",
    `TS2322: Type '"cut"' is not assignable to type`,
  ],
]
