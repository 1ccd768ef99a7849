/** What a content block begins with, and what its deltas say of it: told once, and never lost. */
import { describe, expect, test } from 'vitest'
import { anthropic } from '../../src/dialects/anthropic.ts'
import type { Delta } from '../../src/events.ts'

const start = (content_block: object, index = 0) => ({ type: 'content_block_start', index, content_block })
const delta = (piece: object, index = 0) => ({ type: 'content_block_delta', index, delta: piece })
const json = (partial_json: string, index = 0) => delta({ type: 'input_json_delta', partial_json }, index)
const stop = (index = 0) => ({ type: 'content_block_stop', index })
const reason = (stop_reason: string) => ({ type: 'message_delta', delta: { stop_reason } })
const tool = (input: unknown) => ({ type: 'tool_use', id: 't1', name: 'look', input })

/** Reads the events, after each of them with a new reader if `isBroken`: what a resumed stream does. */
function read(events: readonly object[], isBroken: boolean): Delta[] {
  const deltas: Delta[] = []
  let reader = anthropic.open()
  for (const event of events) {
    reader.read({ data: JSON.stringify(event) }, deltas)
    if (isBroken) reader = anthropic.open(JSON.parse(JSON.stringify(reader.state?.() ?? null)) ?? undefined)
  }
  return deltas
}

function textIn(deltas: readonly Delta[]): string {
  return deltas.map((each) => (each.type === 'text' ? each.text : '')).join('')
}

function argumentsIn(deltas: readonly Delta[], index = 0): string {
  return deltas
    .map((each) => (each.type === 'tool-call' && each.index === index ? each.arguments : ''))
    .join('')
}

describe.each([
  ['in one stream', false],
  ['in a stream that breaks after each event', true],
])('a call %s', (_where, isBroken) => {
  test.each<[string, object[], string]>([
    ['that takes nothing', [start(tool({})), json(''), stop()], '{}'],
    ['without an input', [start(tool(null)), stop()], '{}'],
    ['whole in its start', [start(tool({ a: 1 })), stop()], '{"a":1}'],
    ['in its deltas', [start(tool({})), json('{"a"'), json(':1}'), stop()], '{"a":1}'],
    ['in both', [start(tool({ a: 1 })), json('{"a"'), json(':1}'), stop()], '{"a":1}'],
    ['that nothing ends but the message', [start(tool({ a: 1 })), reason('tool_use')], '{"a":1}'],
    ['of a stream that stops without a reason', [start(tool({})), { type: 'message_stop' }], '{}'],
  ])('%s is told once', (_what, events, expected) => {
    expect(argumentsIn(read(events, isBroken))).toBe(expected)
  })

  test('beside another keeps its own arguments', () => {
    const events = [start(tool({})), start(tool({ b: 2 }), 1), json('{"a":1}'), stop(), stop(1)]
    const deltas = read(events, isBroken)
    expect([argumentsIn(deltas), argumentsIn(deltas, 1)]).toEqual(['{"a":1}', '{"b":2}'])
  })

  test('of the provider’s own tools is none', () => {
    const events = [start({ ...tool({ q: 1 }), type: 'server_tool_use' }), json('{"q":1}'), stop()]
    expect(read(events, isBroken)).toEqual([])
  })
})

describe.each([
  ['in one stream', false],
  ['in a stream that breaks after each event', true],
])('text %s', (_where, isBroken) => {
  const block = (text: string) => start({ type: 'text', text })
  const piece = (text: string) => delta({ type: 'text_delta', text })

  test.each<[string, object[], string]>([
    ['in the start alone', [block('Hello'), stop()], 'Hello'],
    [
      'in the start and again in the first delta',
      [block('Hello'), piece('Hello'), piece(' you')],
      'Hello you',
    ],
    ['that goes on where the start ended', [block('Hel'), piece('lo'), stop()], 'Hello'],
    ['that repeats a word of its own', [block(''), piece('ha'), piece('ha'), stop()], 'haha'],
  ])('%s is told once', (_what, events, expected) => {
    expect(textIn(read([...events, reason('end_turn')], isBroken))).toBe(expected)
  })

  test('of a message that was not streamed comes before its end', () => {
    const message = { type: 'message', content: [{ type: 'text', text: 'Hi' }], stop_reason: 'end_turn' }
    expect(read([message], false).map(({ type }) => type)).toEqual(['text', 'finish'])
  })
})
