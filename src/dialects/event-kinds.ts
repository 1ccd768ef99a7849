/** What the name or the kind of an event says of it, where servers of one's own choose the words. */

export const END_KIND: RegExp =
  /^(((message|response|answer|chat|generation|stream)[-_.])?(done|end|finish(ed)?|complete[d]?)|stop|eos|end[-_]of[-_](stream|message)|\[done\])$/i

// Pieces of what a tool is to be called with are pieces, too, but of no text.
export const TEXT_KIND: RegExp =
  /^(|message|token|text|content|delta|chunk|answer|response|data|output|update|stream|iteration|add|append|partial|(?!.*(tool|func|call|arg|input|json)).*[-_.]delta)$/i

export const THOUGHT_KIND: RegExp =
  /^(thinking|reasoning|thoughts?)([-_.](delta|text|token|chunk|content))?$/i

/** What stands beside the text, and is none: what a tool does, where the answer is from, who is asked. */
export const BESIDE_KIND: RegExp =
  /^((tool|function|search)s?([-_. ]?(call|result|use|start|end|input|output)s?)?|title|usage|cost|stats|log|info|debug|trace|warn(ing)?|notice|meta(data)?|session|conversation|thread|user|source|citation|reference|document|step|progress|suggestion|(\w+[-_.])?id)s?$/i

/** What says that an answer broke off. */
export const BROKEN_KIND: RegExp = /^(cancel(l?ed)?|abort(ed)?|interrupted|time[-_]?out|timed[-_]?out)$/i

/** Events by which a server says that it is there. */
export const OPENING: RegExp = /^(open|opened|connect|connected|ready|init|status)$/i
