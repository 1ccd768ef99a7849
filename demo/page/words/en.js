// @ts-check
// All words of the page, in English: what index.html says (a test compares the two), and what its scripts say.

const whole = new Intl.NumberFormat('en')
/** @param {number} count @param {string} thing */
const countOf = (count, thing) => `${whole.format(count)} ${thing}${count === 1 ? '' : 's'}`
/** @param {number} attempt */
const nth = (attempt) => ['first', 'second', 'third'][attempt - 1] ?? `${attempt}th`
/** @param {number} attempt */
const again = (attempt) => (attempt > 1 ? ` (attempt ${attempt})` : '')

export const words = {
  page: {
    title: 'Holdfast: streamed answers that arrive whole',
    new: 'New conversation',
    promise: 'A streamed answer arrives whole, or you are told exactly why not.',
    what: 'Holdfast is a TypeScript library that fetches streamed LLM answers, notices when one breaks, and reads on where it broke.',
    copy: 'Copy',
    docs: 'Documentation',
    readme: 'README',
    source: 'Source',
    examples: 'Examples',
    whyTitle: 'The same fault, at the same moment',
    why: 'Both sides ask this server the same question, and both connections break in the same way. Pick a fault.',
    rivalsAre: 'The readers on the left are our own, written to behave as those do.',
    readBy: 'Read by',
    scoreTitle: 'Answers so far',
    scoreWhole: 'whole',
    scoreLost: 'lost',
    welcomeTitle: 'Ask something. Then break the connection.',
    welcome:
      'While an answer is written you can cut, stall or reset it, reload the page, open it in a second tab, or stop it: a relay on the server keeps it.',
    chipNone: 'All is well',
    chipCut: 'Cut in the middle',
    chipRewind: 'Cut, and forgotten',
    chip503: 'Overloaded, twice',
    chipReset: 'Connection reset',
    chipStall: 'Silent in the middle',
    chipError: 'Error in the stream',
    chipBeats: 'Only keep-alives',
    chipBytes: 'Characters in two packets',
    chipMarkdown: 'Markdown that must do nothing',
    askKelp: 'Why does kelp not wash away?',
    askTides: 'What moves the tides?',
    askLights: 'Who kept the lighthouses lit?',
    askNetworks: 'Why do networks fail in silence?',
    askShip: 'What keeps a ship in its place?',
    askMarkdown: 'How does Markdown arrive?',
    question: 'Your question',
    elsewhere: 'Asked in another tab.',
    both: 'Stop ends it in both.',
    send: 'Send',
    stop: 'Stop',
    fault: 'Fault',
    noFault: 'No fault',
    always: 'every time',
    markdown: 'Markdown',
    patience: 'Patience',
    patienceShort: 'short',
    patienceLong: 'as for a real model',
    nowCut: 'Cut',
    nowStall: 'Stall',
    nowReset: 'Reset',
    nowError: 'Error',
    nowReload: 'Reload',
    nowSecond: 'Second tab',
    nowKill: 'Kill the server',
    keys: 'Enter sends · Shift+Enter: new line · Esc stops',
    timeline: 'Timeline',
    happened: 'What happened',
    second: 'Open in a second tab',
    again: 'Try again',
  },
  /** Attributes: `aria-label`, `placeholder` and `title`, by the same keys. */
  labels: {
    install: 'Copy the install line',
    conversation: 'Conversation',
    ask: 'Ask a question…',
    break: 'Break this answer',
    plot: 'Timeline. The arrow keys move from mark to mark, with Shift from token to token.',
    legend: 'Signs on the timeline',
    server: 'The circuit breaker: after five failures in a row nothing is sent for a while',
    faults: 'Faults to compare under',
    settings: 'How the next question is asked',
  },
  language: { other: '中文', otherLang: 'zh-CN' },
  zero: '0 s',
  left: (/** @type {number} */ seconds) => `${seconds} s`,
  copied: 'Copied',
  notCopied: 'Select it, please',

  number: (/** @type {number} */ count) => whole.format(count),
  seconds: (/** @type {number} */ ms) => `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s`,
  exactly: (/** @type {number} */ ms) => `${(ms / 1000).toFixed(2)} s`,
  /** Why there is another attempt: the library's own words, which are English. */
  reason: (/** @type {string} */ told, /** @type {string} */ _code) => told,
  at: (/** @type {number} */ ms) => `at ${(ms / 1000).toFixed(2)} s`,
  characters: (/** @type {number} */ count) => countOf(count, 'character'),

  status: {
    connecting: (/** @type {number} */ attempt) => `connecting…${again(attempt)}`,
    waiting: (/** @type {number} */ attempt) => `connected, waiting for the first token…${again(attempt)}`,
    resuming: (/** @type {number} */ attempt) => `connected again, waiting for the rest…${again(attempt)}`,
    comparing: (/** @type {number} */ attempt) => `connected again, comparing what is here…${again(attempt)}`,
    writing: (/** @type {number} */ attempt, /** @type {string | undefined} */ tookBack) =>
      `writing…${tookBack ? ` ${tookBack}` : again(attempt)}`,
    retrying: (/** @type {string} */ seconds, /** @type {string} */ reason, /** @type {number} */ attempt) =>
      `retrying in ${seconds} s because ${reason}${again(attempt)}`,
    done: (/** @type {number} */ attempt) => (attempt > 1 ? `done, at the ${nth(attempt)} attempt` : 'done'),
    doneAfter: (/** @type {string} */ tookBack) => `done, ${tookBack}`,
    stopped: 'stopped',
    failed: (/** @type {number} */ attempts) =>
      attempts > 1 ? `failed after ${attempts} attempts` : 'failed',
    silent: (/** @type {number} */ seconds, /** @type {boolean} */ isAlive, /** @type {number} */ attempt) =>
      `still waiting: nothing for ${seconds} s${isAlive ? ' (keep-alives arrive)' : ''}${again(attempt)}`,
    circuitOpen: (/** @type {string} */ until, /** @type {string} */ left) =>
      `circuit open until ${until} (${left})`,
    circuitMayClose: 'the circuit may be tried again',
    tookBack: (/** @type {number} */ count, /** @type {number} */ attempt) =>
      `took back ${countOf(count, 'character')}: the ${nth(attempt)} answer differs`,
    notSent: (/** @type {string} */ until) =>
      `Nothing is sent until ${until}, because the server has failed too often`,
  },
  /** How an attempt ended. @type {Readonly<Record<string, string>>} */
  outcomes: {
    whole: 'whole',
    stopped: 'stopped',
    network: 'connection broke',
    truncated: 'cut short',
    timeout: 'too slow',
    http: 'refused',
    api: 'error',
    protocol: 'not an answer',
    'circuit-open': 'not sent',
    callback: 'failed in the page',
  },
  server: {
    closed: 'Server: healthy',
    failures: (/** @type {number} */ count, /** @type {number} */ of) =>
      `Server: healthy · ${count} of ${of} failures`,
    open: (/** @type {string} */ until, /** @type {string} */ left) =>
      `Server: left alone until ${until} (${left})`,
    halfOpen: 'Server: the next answer decides',
    isolated: 'Server: held off',
  },

  card: {
    answerTo: (/** @type {string} */ question) => (question ? `Answer to: ${question}` : 'Answer'),
    asked: (/** @type {string | undefined} */ fault) =>
      fault ? `Asked, with the fault “${fault}”` : 'Asked',
    reloaded: 'Went on after the page was loaded again',
    otherTab: 'Asked for in another tab',
    readAgain: (/** @type {string} */ why) =>
      `${why}: the answer is read where the server keeps it, from its start`,
    warning: (/** @type {string} */ message) => `Warning: ${message}`,
    connected: (/** @type {number} */ attempt, /** @type {number} */ status) =>
      `Attempt ${attempt}: connected, status ${status}`,
    firstToken: 'The first token',
    textSoFar: 'The text so far',
    goesOn: 'Goes on where the text ended',
    tokensAgain: 'Tokens again',
    offline: 'No network; a retry waits for one',
    missing: (/** @type {string} */ phase, /** @type {string} */ time) =>
      `${{ connect: 'No response', first: 'No token' }[phase] ?? 'Nothing new'} for ${time}; patience`,
    failed: (/** @type {number} */ attempt, /** @type {string} */ message) =>
      `Attempt ${attempt} failed: ${message}`,
    readsOn: (/** @type {string} */ time) =>
      `Reads on where the answer is kept, after the last event, in ${time}`,
    follows: (/** @type {number} */ attempt, /** @type {string} */ time, /** @type {number} */ limit) =>
      `Attempt ${attempt} follows in ${time} (at most ${limit} in a row)`,
    retrying: (/** @type {string} */ reason, /** @type {number} */ attempt) =>
      `Retrying because ${reason}, attempt ${attempt}`,
    tookBack: (/** @type {number} */ count) => `Took back ${countOf(count, 'character')}`,
    whole: (/** @type {string | undefined} */ reason) => `Whole (finish reason: ${reason})`,
    stopped: (/** @type {string} */ who) => `Stopped ${who}`,
    byYou: 'by you',
    inOtherTab: 'in another tab',
    gaveUp: (/** @type {string} */ message) => `Gave up: ${message}`,
  },
  /** Said to whoever listens. */
  said: {
    asking: 'Asking',
    answering: 'Answering',
    waiting: 'Still waiting',
    complete: 'The answer is complete',
    stopped: 'Stopped',
    fresh: 'New conversation',
  },
  stats: {
    first: 'first token',
    none: 'none',
    total: 'total',
    requests: 'requests sent',
    characters: 'characters',
    tokens: 'tokens',
    received: 'received',
    bytes: 'bytes',
  },
  composer: {
    orReload: '',
    queued: 'Your question waits until this answer is over. Esc stops this one.',
    pressed: (/** @type {string} */ label) => `You pressed “${label}”`,
    noStrike: 'The demo server could not be asked to break the answer.',
    noFaults: 'The list of faults could not be loaded.',
    memory:
      'The server is killed and starts again. It kept its answers in memory: this one is asked for anew.',
    redis:
      'The server is killed and starts again. Redis keeps what had arrived; the model’s stream ended with the process.',
  },
  /** Where the server's own words do: in English. @type {Readonly<Record<string, readonly [string, string]>>} */
  faults: {},

  /** The timeline. */
  signs: {
    ticks: 'token',
    repeats: 'repeated',
    alive: 'keep-alive',
    gap: 'gap',
    stall: 'stall',
    wait: 'wait before a retry',
    rewind: 'taken back',
    fault: 'broken by you',
    checkpoint: 'checkpoint',
    whole: 'whole',
    stopped: 'stopped',
    failed: 'failed',
  },
  row: {
    attempt: (/** @type {number} */ attempt) => `Attempt ${attempt}`,
    replay: 'replay',
    again: 'asked again',
    resume: 'resumed',
    failover: 'elsewhere',
    server: 'server',
  },
  marks: {
    turned: (/** @type {string} */ state, /** @type {string} */ at) => `The breaker turned ${state} ${at}`,
    is: (/** @type {string} */ state, /** @type {string} */ at) => `The breaker is ${state} ${at}`,
    /** @type {Readonly<Record<string, string>>} */
    states: { closed: 'closed', open: 'open', 'half-open': 'half-open', isolated: 'isolated' },
    modes: {
      anew: '',
      resume: ', which reads on where the answer is kept,',
      failover: ', at another server,',
    },
    asked: (/** @type {number} */ attempt, /** @type {string} */ mode, /** @type {string} */ at) =>
      `Attempt ${attempt}${mode} asked ${at}`,
    connected: (/** @type {string} */ time, /** @type {number | undefined} */ status) =>
      `Connected ${time} after asking, status ${status}`,
    repeats: (/** @type {number} */ count) => `${countOf(count, 'event')} that only repeat what is here`,
    keepAlive: (/** @type {string} */ at) => `A keep-alive ${at}`,
    keepAlives: (/** @type {number} */ count, /** @type {string} */ at) =>
      `${count} keep-alives, the last one ${at}`,
    waited: (/** @type {string} */ time, /** @type {number} */ attempt, /** @type {string} */ reason) =>
      `Waited ${time} before attempt ${attempt}, because ${reason}`,
    tokens: (
      /** @type {string} */ time,
      /** @type {number} */ count,
      /** @type {string} */ until,
      /** @type {number | undefined} */ pace,
    ) =>
      `First token ${time} after asking; ${countOf(count, 'token')} until ${until}${pace === undefined ? '' : `, ${pace} a second`}`,
    stalled: (/** @type {string} */ from, /** @type {string | undefined} */ length) =>
      `Stalled: nothing new from ${from} on, ${length === undefined ? 'and still is' : `for ${length}`}`,
    gap: (/** @type {string} */ length, /** @type {string} */ at) => `A gap of ${length} ${at}`,
    note: (/** @type {string} */ what, /** @type {string} */ at) => `${what} ${at}`,
    whole: (/** @type {string} */ at) => `Whole ${at}`,
    stopped: (/** @type {string} */ who, /** @type {string} */ at) => `Stopped ${who} ${at}`,
    failed: (/** @type {number} */ attempt, /** @type {string} */ at, /** @type {string} */ message) =>
      `Attempt ${attempt} failed ${at}: ${message}`,
    token: (
      /** @type {number} */ nth,
      /** @type {number} */ attempt,
      /** @type {string} */ at,
      /** @type {string | undefined} */ since,
    ) =>
      `Token ${nth} of attempt ${attempt} ${at}${since === undefined ? '' : `, ${since} after the one before`}`,
    notBegun: 'Not begun',
    waiting: 'Waiting before the attempt',
    over: 'Over',
    connecting: 'Connecting',
    forToken: 'Waiting for a token',
    writing: 'Writing',
    attempts: (/** @type {number} */ count) => countOf(count, 'attempt'),
    tokenCount: (/** @type {number} */ count) => countOf(count, 'token'),
    stalls: (/** @type {number} */ count) => countOf(count, 'stall'),
    alives: (/** @type {number} */ count) => countOf(count, 'keep-alive'),
  },

  /** The two panes. */
  panes: {
    readers: {
      loop: 'a bare loop over response.body',
      tutorial: 'a loop from a tutorial',
      openai: 'openai’s way',
      fes: 'fetch-event-source’s way',
    },
    idle: 'Pick a fault above.',
    idleRight: 'The same answer arrives here, whole.',
    asking: 'asking…',
    reading: 'reading…',
    silent: (/** @type {number} */ seconds) => `nothing for ${seconds} s…`,
    whole: 'Whole.',
    half: 'Half an answer, and it looks complete: no error was thrown.',
    empty: 'No answer, and no error either.',
    holes: (/** @type {number} */ count) => `Complete to look at, with ${count} pieces missing.`,
    doubled: 'It began again without taking anything back: the text is there twice.',
    hung: 'Hangs. It would have waited for ever; we stopped it.',
    threw: (/** @type {string} */ message) => `Threw “${message}”, and nobody goes on.`,
    wholeAfter: (/** @type {number} */ requests) => `Whole, with ${countOf(requests, 'request')}.`,
    wholeRewound: 'Whole: what no longer fitted was taken back.',
    told: (/** @type {string} */ message) => `Told why not: ${message}`,
    retrying: (/** @type {string} */ reason) => `${reason}; trying again…`,
    left: (/** @type {string} */ reader) => `What ${reader} makes of it`,
    right: 'What Holdfast makes of it',
  },
}
