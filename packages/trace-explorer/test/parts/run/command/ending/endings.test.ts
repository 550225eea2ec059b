import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import { columnsOf } from '../../../../../src/core/command/terminal/terminal-text.ts';
import { node as report } from '../../../../../src/parts/report/part.node.ts';
import type { Verdict, VerdictProblem } from '../../../../../src/parts/report/server/verdict/schemas.ts';
import { endingOf } from '../../../../../src/parts/run/command/ending/ending.ts';
import { runToEnd } from '../../../../../src/parts/run/command/run-to-end.ts';
import type { Target } from '../../../../../src/parts/run/command/target.ts';
import type { Seen } from '../../../../../src/parts/run/command/watch.ts';
import { temporaryDirectory } from '../../../../spans.ts';

// Alone in its process: it changes what standard error can show.

/** What came of a command, and what its last lines say; `…` stands for the reason of a failed command. */
interface Ending {
  readonly name: string;
  readonly command: readonly string[];
  readonly uses?: readonly Partial<Seen>[];
  readonly verdict?: Partial<Verdict>;
  /** At exit code 0, and without a terminal. The same at 130 and 143, where somebody ended the command. */
  readonly says: readonly string[];
  /** At exit code 1, after the line about it; without one as at 0. */
  readonly failed?: readonly string[];
  /** At exit codes 130 and 143, where it is not the same. */
  readonly stopped?: readonly string[];
}

const SHOW = 'Show this run: http://localhost:4319/?run=r';
const route = (route: string, requests: number, median_ms: number, slowest_ms: number, p95_ms?: number) =>
  ({
    service: 'shop',
    route,
    unit: 'request',
    requests,
    median_ms,
    slowest_ms,
    ...(p95_ms && { p95_ms }),
  }) as const;
const cause = (sentence: string, parts: Partial<VerdictProblem>): VerdictProblem => ({
  ...{ rule: 'error', failure: true, sentence, service: 'shop', unit: 'request', seen: 1, of: 1 },
  ...parts,
});
const START = { use: 'start', file: 'server.js', name: '24.21.0' } as const;
/** A driver, whose statements outside of a trace have no spans. */
const SQLITE = { use: 'injected-driver', file: 'server.js', name: 'node:sqlite' } as const;
const LISTEN = { use: 'listen', file: 'server.js', name: 'http://localhost:3000/' } as const;
const LANGUAGES =
  "OpenTelemetry's own SDK or agent for Python, Go, Java, .NET or Bun reads the variables that run set, and Deno reads them by itself.";
const UNASKED =
  'No request reached server.js. It listens on port 3000: curl http://localhost:3000/ while it runs.';
const FAILING_TEST = cause('shop.test.js › fails: 2 == 3', {
  rule: 'test',
  unit: 'test',
  file: 'shop.test.js',
  line: 14,
});

const ENDINGS: readonly Ending[] = [
  {
    name: 'a Node that is too old',
    command: ['node', 'server.js'],
    uses: [
      {
        use: 'untraced',
        file: 'server.js',
        name: 'it runs on Node 20.20.2, and tracing needs 22.18 or newer',
      },
    ],
    says: ['server.js was not traced: it runs on Node 20.20.2, and tracing needs 22.18 or newer.'],
    failed: ['server.js was not traced: it runs on Node 20.20.2, and tracing needs 22.18 or newer.', '…'],
  },
  {
    name: 'healthy',
    command: ['npm', 'run', 'dev'],
    verdict: { requests: 7, routes: [route('GET /products', 3, 20, 24), route('GET /orders/:id', 4, 9, 11)] },
    says: [
      'Nothing wrong found in 7 requests',
      '  GET /products 24 ms at most (3 requests) · GET /orders/:id 11 ms (4)',
      SHOW,
    ],
    failed: [
      '…',
      '7 requests before that, nothing wrong found in them',
      '  GET /products 24 ms at most (3 requests) · GET /orders/:id 11 ms (4)',
      SHOW,
    ],
  },
  {
    name: 'a loop of statements, on a busy machine',
    command: ['npm', 'run', 'dev'],
    verdict: {
      requests: 21,
      delayed: 12,
      causes: [
        cause(
          'SELECT lines was called 40 times in a row by GET /orders; one call for all would save up to 323 ms',
          {
            ...{ rule: 'repeated-call', failure: false, seen: 21, of: 21, file: 'server.js', line: 17 },
            advice: 'Ask for all rows in one statement, or join the tables.',
          },
        ),
      ],
      routes: [route('GET /orders', 21, 310, 327, 325)],
    },
    says: [
      '1 problem in 21 requests',
      '  ! SELECT lines was called 40 times in a row by GET /orders; one call for all would save up to 323 ms',
      '      server.js:17 · each request · Ask for all rows in one statement, or join the tables.',
      '12 of 21 requests waited for a processor, so nothing is said about their time.',
      '  Slowest routes   requests   median      P95   slowest',
      '  GET /orders            21   310 ms   325 ms    327 ms',
      SHOW,
    ],
    failed: [
      '…',
      '1 problem in 21 requests before that',
      '  ! SELECT lines was called 40 times in a row by GET /orders; one call for all would save up to 323 ms',
      '      server.js:17 · each request · Ask for all rows in one statement, or join the tables.',
      '12 of 21 requests waited for a processor, so nothing is said about their time.',
      '  Slowest routes   requests   median      P95   slowest',
      '  GET /orders            21   310 ms   325 ms    327 ms',
      SHOW,
    ],
  },
  {
    name: 'errors',
    command: ['npm', 'run', 'dev'],
    verdict: {
      ...{ requests: 17, refused: 1, refused_with: '404', failed: 6 },
      causes: [
        cause('POST /orders fails: TypeError: lines is not iterable', {
          seen: 3,
          of: 6,
          file: 'server.js',
          line: 25,
        }),
        cause('GET /pay tried POST pay.example 3 times, and each try failed with 503', {
          ...{ rule: 'retries', seen: 2, of: 2, advice: 'Try later, and less often.' },
        }),
        cause('GET /users/:id fails: Error: no user', { seen: 1, of: 3 }),
      ],
    },
    says: [
      '3 problems in 17 requests, 1 answered 404',
      '  ✗ POST /orders fails: TypeError: lines is not iterable',
      '      server.js:25 · 3 of 6 requests',
      '  ✗ GET /pay tried POST pay.example 3 times, and each try failed with 503',
      '      each request · Try later, and less often.',
      '  ✗ GET /users/:id fails: Error: no user',
      '      1 of 3 requests',
      SHOW,
    ],
    failed: [
      '…',
      '3 problems in 17 requests before that, 1 answered 404',
      '  ✗ POST /orders fails: TypeError: lines is not iterable',
      '      server.js:25 · 3 of 6 requests',
      '  ✗ GET /pay tried POST pay.example 3 times, and each try failed with 503',
      '      each request · Try later, and less often.',
      '  ✗ GET /users/:id fails: Error: no user',
      '      1 of 3 requests',
      SHOW,
    ],
  },
  {
    name: 'a server that nobody asked',
    command: ['node', 'server.js'],
    uses: [START, SQLITE, LISTEN],
    says: [UNASKED],
    failed: ['…', 'No request had reached server.js.'],
  },
  {
    name: 'the same under a package manager',
    command: ['npm', 'start'],
    uses: [{ ...START, file: '/usr/bin/npm' }, START, LISTEN],
    says: [UNASKED],
    failed: ['…', 'No request had reached server.js.'],
  },
  {
    name: 'a misspelt script',
    command: ['npm', 'run', 'dve'],
    uses: [{ ...START, file: '/usr/bin/npm' }],
    says: [`No app of Node was started, so run traced nothing. ${LANGUAGES}`],
    failed: ['…'],
    stopped: ['npm was ended before it had started an app.'],
  },
  {
    name: 'an end before the first request',
    command: ['node', 'crash.js'],
    uses: [{ ...START, file: 'crash.js' }],
    says: ['No request reached or left crash.js.'],
    failed: ['…', 'No request had reached crash.js.'],
  },
  {
    name: 'nothing of Node',
    command: ['node', 'late.js'],
    says: [`No app of Node was started, so run traced nothing. ${LANGUAGES}`],
    failed: ['…'],
    stopped: ['node was ended before it had started an app.'],
  },
  {
    name: 'Python',
    command: ['python3', 'app.py'],
    says: [`python3 is not Node, so run traced nothing. ${LANGUAGES}`],
    failed: ['…', LANGUAGES],
  },
  {
    name: 'tests, of which one fails',
    command: ['node', '--test'],
    verdict: { requests: 1, tests: { passed: 2, failed: 1 }, causes: [FAILING_TEST] },
    says: [
      '2 tests passed, 1 failed; 1 request',
      '  ✗ shop.test.js › fails: 2 == 3',
      '      shop.test.js:14',
      SHOW,
    ],
  },
  {
    name: 'tests that pass',
    command: ['node', '--test'],
    verdict: { requests: 1, tests: { passed: 3, failed: 0 } },
    says: ['3 tests passed; nothing wrong found in their 1 request', SHOW],
    failed: [
      '…',
      '3 tests ran, none known to have failed, though node says otherwise; nothing wrong found in their 1 request before that',
      SHOW,
    ],
  },
  {
    name: 'a script of calls',
    command: ['node', 'job.js'],
    verdict: { calls: { made: 12, refused: 0, failed: 0, slowest_ms: 41.2, to: ['127.0.0.1:21150'] } },
    says: [
      '12 calls to 127.0.0.1:21150, the slowest 41.2 ms',
      'No request came in, so there is nothing to compare.',
      SHOW,
    ],
    failed: [
      '…',
      '12 calls to 127.0.0.1:21150, the slowest 41.2 ms',
      'No request came in, so there is nothing to compare.',
      SHOW,
    ],
  },
  {
    name: 'a script that replaces NODE_OPTIONS',
    command: ['npm', 'start'],
    uses: [
      {
        ...{ use: 'untraced', file: 'server.js' },
        name: `its script replaces NODE_OPTIONS. Write NODE_OPTIONS="$NODE_OPTIONS --max-old-space-size=512" there`,
      },
    ],
    says: [
      'server.js was not traced: its script replaces NODE_OPTIONS. Write NODE_OPTIONS="$NODE_OPTIONS --max-old-space-size=512" there.',
    ],
    failed: [
      'server.js was not traced: its script replaces NODE_OPTIONS. Write NODE_OPTIONS="$NODE_OPTIONS --max-old-space-size=512" there.',
      '…',
    ],
  },
  {
    name: 'one request, and it waited for a processor',
    command: ['node', 'server.js'],
    verdict: { requests: 1, delayed: 1, only_first: true },
    says: [
      '1 request, which waited for a processor: nothing is said about its time. Nothing else wrong was found in it.',
      SHOW,
    ],
    failed: [
      '…',
      '1 request before that, which waited for a processor: nothing is said about its time. Nothing else wrong was found in it.',
      SHOW,
    ],
  },
];

const EMPTY: Verdict = {
  ...{
    traces: 1,
    truncated: false,
    requests: 0,
    messages: 0,
    refused: 0,
    failed: 0,
    delayed: 0,
    services: 1,
  },
  ...{ causes: [], gone: [] },
};

/** The last lines of a command, whose explorer answers this. */
async function linesOf({ command, uses = [], verdict }: Ending, exitCode: number, work: string) {
  const ask = async (path: string) => {
    if (path.startsWith('/1/columns')) return [{ key_name: 'tandem.run.id' }];
    if (path === '/api/runs') return { runs: [] };
    if (path.startsWith('/api/verdict')) return { ...EMPTY, ...(verdict ?? { traces: 0 }), ...verdict };
    if (path.startsWith('/1/queries')) return { id: 'q' };
    return { data: { results: [{ data: { traces: 0, failed: 0 } }] } };
  };
  const target = { client: { url: 'http://localhost:4319', ask }, endpoint: '' } as unknown as Target;
  const file = join(work, 'uses');
  writeFileSync(file, uses.map((each) => `${JSON.stringify({ pid: 1, ...each })}\n`).join(''));
  const ended = {
    ...{ id: 'r', since: 0, agent: undefined, exitCode, last: undefined, stopped: undefined, isKept: true },
    ...{ command, uses: file, env: {}, said: new Set<string>() },
  };
  return (await endingOf([report], target, ended)).text.split('\n');
}

/** Makes standard error a terminal of so many columns, or none. */
function terminal(columns: number | undefined): void {
  Object.assign(process.stderr, { isTTY: columns !== undefined, columns });
}

/** The words alone: a narrower terminal has more lines, and other blanks. */
function wordsOf(lines: readonly string[]): string {
  return stripVTControlCharacters(lines.join(' ')).split(/\s+/).join(' ');
}

t.test('the last lines of each kind of command, at each kind of end', async (t) => {
  const work = temporaryDirectory(t);
  const { isTTY, columns } = process.stderr;
  const { LANG, NO_COLOR } = process.env;
  t.teardown(() => {
    Object.assign(process.stderr, { isTTY, columns });
    Object.assign(process.env, { LANG: LANG ?? '', ...(NO_COLOR !== undefined && { NO_COLOR }) });
  });
  process.env.LANG = 'C.UTF-8';
  delete process.env.NO_COLOR;
  for (const ending of ENDINGS)
    for (const code of [0, 1, 130, 143]) {
      const at = `${ending.name}, ${code}`;
      const why = `${ending.command[0]} ended with exit code ${code}: its own lines above say why.`;
      const { says, failed = says, stopped = says } = ending;
      const expected = code === 0 ? says : code === 1 ? failed : stopped;
      const plain = expected.map((line) => (line === '…' ? why : line));
      terminal(undefined);
      t.same(await linesOf(ending, code, work), plain, at);
      for (const width of [60, 120]) {
        terminal(width);
        const lines = await linesOf(ending, code, work);
        // A table becomes a line where it has no room.
        if (width === 120 || !plain.some((line) => line.includes('Slowest')))
          t.equal(wordsOf(lines), wordsOf(plain), `${at}, ${width} columns`);
        const told = lines.map(stripVTControlCharacters);
        if (ending.verdict !== undefined)
          for (const line of told) t.ok(columnsOf(line) <= width, `${at}, ${width} columns: ${line}`);
      }
    }
});

t.test('of a killed program nothing says that its lines or a setting tell more', async (t) => {
  const work = temporaryDirectory(t);
  const uses = [START, { use: 'server', file: 'server.js' }] as const;
  t.same(await linesOf({ name: '', command: ['node', 'server.js'], uses, says: [] }, 137, work), [
    'node was killed (SIGKILL), by somebody or because memory ran out. Spans of its last half second may be missing.',
    "The command started server.js, which used Node's HTTP server; its spans did not arrive.",
  ]);
});

t.test(
  'signals are listened to before the command starts: else one would leave the command behind',
  async (t) => {
    const listeners = () => process.listenerCount('SIGTERM');
    const before = listeners();
    const atStart: number[] = [];
    const note = () => void atStart.push(listeners());
    subscribe('child_process', note);
    t.teardown(() => unsubscribe('child_process', note));
    await runToEnd([process.execPath, '-e', ''], process.env);
    t.ok(atStart.length > 0 && atStart.every((count) => count > before), atStart.join());
  },
);

t.test('a misspelt command says so as a shell does', async (t) => {
  await t.rejects(runToEnd(['nmp-of-nobody', 'start'], process.env), {
    message: 'nmp-of-nobody was not found.',
    exitCode: 127,
  });
  await t.rejects(runToEnd([work(t), 'start'], process.env), { message: /may not be run\.$/, exitCode: 126 });
});

function work(t: Parameters<typeof temporaryDirectory>[0]): string {
  const file = join(temporaryDirectory(t), 'app');
  writeFileSync(file, '', { mode: 0o600 });
  return file;
}
