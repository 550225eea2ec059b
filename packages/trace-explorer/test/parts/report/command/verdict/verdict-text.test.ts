import t from 'tap';
import { chooseColours } from '../../../../../src/core/command/terminal/colours.ts';
import type { Terminal } from '../../../../../src/core/command/terminal/terminal.ts';
import { terminalOf } from '../../../../../src/core/command/terminal/terminal.ts';
import { columnsOf } from '../../../../../src/core/command/terminal/terminal-text.ts';
import { verdictText } from '../../../../../src/parts/report/command/verdict/verdict-text.ts';
import type {
  Verdict,
  VerdictProblem,
  VerdictRoute,
} from '../../../../../src/parts/report/server/verdict/schemas.ts';

const EMPTY: Verdict = {
  traces: 7,
  truncated: false,
  requests: 7,
  messages: 0,
  refused: 0,
  failed: 0,
  delayed: 0,
  services: 1,
  causes: [],
  gone: [],
};

const POST: VerdictProblem = {
  rule: 'error',
  failure: true,
  sentence: "POST /orders fails: TypeError: Cannot read properties of undefined (reading 'sku')",
  service: 'shop',
  unit: 'request',
  seen: 3,
  of: 5,
  new: true,
  last_of: 4,
  file: 'src/orders.js',
  line: 48,
  function: 'placeOrder',
};
const LOOP: VerdictProblem = {
  rule: 'repeated-call',
  failure: false,
  sentence:
    'GET /users/:id was called 12 times in a row by GET /orders; one call for all would save up to 143 ms',
  service: 'shop',
  unit: 'request',
  seen: 4,
  of: 4,
  file: 'src/orders.js',
  line: 31,
  function: 'withUsers',
};

const PIPE: Terminal = { columns: undefined, hasSigns: true, colours: chooseColours(1) };
const textOf = (verdict: Partial<Verdict>, exitCode = 0, terminal = PIPE) =>
  verdictText({ ...EMPTY, ...verdict }, { program: 'node', exitCode }, terminal);

t.test('the causes, each with its line and its requests, and what is new beside the count', async (t) => {
  const [head = '', ...lines] = textOf({ failed: 3, causes: [POST, LOOP] }, 130).split('\n');
  t.match(head, /^2 problems in 7 requests {2,}1 new since the last run$/);
  t.same(lines, [
    `  ✗ ${POST.sentence}`,
    '      src/orders.js:48 in placeOrder · 3 of 5 requests, none of 4 in the last run',
    `  ! ${LOOP.sentence}`,
    '      src/orders.js:31 in withUsers · each request',
  ]);
});

t.test('of how many requests nothing is said, because they waited for a processor', async (t) => {
  const line = 'waited for a processor, so nothing is said about their time.';
  const lineOfOne = 'waited for a processor, so nothing is said about its time.';
  t.equal(
    textOf({ requests: 40, delayed: 26 }),
    '40 requests, 26 of which waited for a processor: nothing is said about their time. Nothing else wrong was found in them.',
  );
  t.match(textOf({ delayed: 1, causes: [LOOP] }), new RegExp(`each request\\n1 of 7 requests ${lineOfOne}$`));
  t.equal(textOf({ delayed: 1, failed: 2 }), `7 requests, 2 failed\n1 of 7 requests ${lineOfOne}`);
  t.equal(textOf({ requests: 1, delayed: 1, failed: 1 }), `1 request, 1 failed\nThe request ${lineOfOne}`);
  const causes = [LOOP];
  t.match(textOf({ requests: 0, messages: 3, delayed: 2, causes }), `2 of 3 messages ${line}`);
  t.match(textOf({ requests: 4, messages: 3, delayed: 2, causes }), `2 of 7 requests and messages ${line}`);
});

t.test('at most three causes, and how many more there are', async (t) => {
  const text = textOf({
    causes: Array.from({ length: 7 }, (_, index) => ({ ...LOOP, sentence: `cause ${index}` })),
  });
  t.match(text, /^7 problems in 7 requests\n/);
  t.equal(text.match(/^ {2}! cause/gm)?.length, 3);
  t.match(text, /\n {2}… and 4 more$/);
});

t.test('where nobody knows which function ran, the command that would name it stands below', async (t) => {
  const stood = {
    ...{ ...LOOP, rule: 'stood-still', sentence: 'shop stood still for 300 ms of GET /: its own code ran' },
    advice: 'Split the work, or do it in a thread. Under run --profile, the function is named.',
  };
  const spent = {
    ...{ ...LOOP, rule: 'unexplained-time', sentence: 'GET / spent 300 ms by itself' },
    advice: 'Put spans around what it does there, or look at a CPU profile.',
  };
  const profiling = 'node tandem run --profile -- node app.mjs';
  const told = (cause: VerdictProblem, more: { profiling?: string } = { profiling }) =>
    verdictText({ ...EMPTY, causes: [cause] }, { program: 'node', exitCode: 0, ...more }, PIPE);
  t.match(
    told(stood),
    `each request · Split the work, or do it in a thread.\n  Which function ran: ${profiling}`,
  );
  t.match(told(spent), `look at a CPU profile.\n  Which function ran: ${profiling}`);
  t.match(told(stood, {}), `each request · ${stood.advice}`, 'under it already');
  t.notMatch(told(LOOP), 'Which function ran');
});

const TESTS = { passed: 2, failed: 0 };
const CALLS = { made: 6, refused: 0, failed: 1, slowest_ms: 41.2, to: ['127.0.0.1:22264'] };
const BARE: Partial<Verdict> = {
  requests: 0,
  calls: { ...CALLS, failure: 'GET a/x, ECONNREFUSED', file: 'fail.mjs', line: 1 },
};

t.test('a healthy run has a verdict, also where somebody ended it', async (t) => {
  for (const code of [0, 129, 130, 143]) {
    t.equal(textOf({}, code), 'Nothing wrong found in 7 requests', String(code));
    t.equal(
      textOf({ requests: 9, refused: 1, refused_with: '404' }, code),
      'Nothing wrong found in 9 requests, 1 answered 404',
    );
    t.equal(
      textOf({ requests: 9, refused: 1, tests: TESTS }, code),
      '2 tests passed; nothing wrong found in their 9 requests',
    );
    t.equal(
      textOf({ requests: 9, tests: { ...TESTS, passed: 1 } }, code),
      '1 test passed; nothing wrong found in its 9 requests',
    );
    t.equal(
      textOf(BARE, code),
      '6 calls to 127.0.0.1:22264, the slowest 41.2 ms, 1 call failed: GET a/x, ECONNREFUSED (fail.mjs:1)\n' +
        'No request came in, so there is nothing to compare.',
    );
  }
  t.equal(textOf({ requests: 3, messages: 20 }), 'Nothing wrong found in 3 requests and 20 messages');
  t.equal(textOf({ failed: 2 }), '7 requests, 2 failed', 'a failed request is not nothing');
});

t.test('the exit code of a command that failed by itself comes first', async (t) => {
  const sudden: Readonly<Record<number, string>> = {
    137: 'node was killed (SIGKILL), by somebody or because memory ran out. Spans of its last half second may be missing.',
    139: 'node crashed (SIGSEGV), in native code. Spans of its last half second may be missing.',
  };
  for (const code of [1, 2, 7, 127, 137, 139]) {
    const why = sudden[code] ?? `node ended with exit code ${code}: its own lines above say why.`;
    t.equal(textOf({}, code), `${why}\n7 requests before that, nothing wrong found in them`);
    t.equal(textOf({ failed: 1 }, code), `${why}\n7 requests before that, 1 failed`);
    t.ok(textOf({ causes: [LOOP] }, code).startsWith(`${why}\n1 problem in 7 requests before that\n`));
    t.ok(textOf(BARE, code).startsWith(`${why}\n6 calls to `));
  }
});

t.test('what only later requests show is said where each route had one', async (t) => {
  const { routes } = { routes: [route('GET /', 9, 1)] };
  t.match(
    textOf({ requests: 1, only_first: true, routes }),
    /^Nothing wrong found in 1 request\. The first one of a route is not judged by its time\.\n/,
  );
});

t.test('of a run that was read in part, the part is told', async (t) => {
  const part = { requests: 6001, truncated: true, read: 5000 };
  t.match(textOf({ ...part, causes: [LOOP] }), /^1 problem in the newest 5,000 of 6,001 requests\n/);
  t.equal(textOf(part), 'Nothing wrong found in the newest 5,000 of 6,001 requests');
});

t.test('a fact stands below, and changes no count', async (t) => {
  const fact = { ...POST, rule: 'logged-error', failure: false, fact: true, sentence: 'logged', new: false };
  const text = textOf({ causes: [fact] });
  t.match(text, /^Nothing wrong found in 7 requests\n {2}· logged\n/);
  t.match(textOf({ causes: [fact, LOOP] }), /^1 problem in 7 requests\n {2}! GET[\s\S]*\n {2}· logged\n/);
});

t.test('a problem has the advice of its rule', async (t) => {
  const text = textOf({ causes: [{ ...LOOP, advice: 'Ask for all in one request.' }] });
  t.match(text, / · each request · Ask for all in one request\.$/);
});

/** A route of a verdict. */
function route(name: string, slowest: number, requests: number, p95?: number): VerdictRoute {
  const times = { median_ms: slowest / 2, slowest_ms: slowest, ...(p95 !== undefined && { p95_ms: p95 }) };
  return { service: 'shop', route: name, unit: 'request', requests, ...times };
}

t.test('the slowest routes are a table where many requests came, and a line where few did', async (t) => {
  const routes = [
    route('GET /report', 533, 5),
    route('GET /orders/:id', 327, 21, 325),
    route('GET /health', 2, 6),
  ];
  t.same(textOf({ requests: 32, routes }).split('\n').slice(1), [
    '  Slowest routes    requests   median      P95   slowest',
    '  GET /report              5   267 ms        –    533 ms',
    '  GET /orders/:id         21   164 ms   325 ms    327 ms',
  ]);
  const few = [route('GET /products', 24, 3), route('GET /orders/:id', 11, 4)];
  const line = '  GET /products 24 ms at most (3 requests) · GET /orders/:id 11 ms (4)';
  t.equal(textOf({ routes: few }).split('\n')[1], line);
  const narrow = textOf({ requests: 32, routes }, 0, { ...PIPE, columns: 60 });
  t.match(narrow, /\n {2}GET \/report 533 ms at most \(5 requests\) ·/);
  t.notMatch(narrow, 'Slowest');
  t.equal(textOf({ routes: [route('GET /', 3.2, 7)] }).split('\n')[1], '  All answers within 4 ms');
  const messages = [{ ...route('orders.created', 80, 40), unit: 'message' as const }];
  t.match(
    textOf({ requests: 0, messages: 40, routes: messages }),
    '\n  orders.created 80 ms at most (40 messages)',
  );
  t.equal(textOf({ routes, tests: TESTS }).split('\n').length, 1, 'none of tests');
});

t.test('a failed test is told first, and is no cause', async (t) => {
  const failed: VerdictProblem = {
    ...LOOP,
    failure: true,
    rule: 'test',
    unit: 'test',
    sentence: 'a.test.js › adds fails: 1 !== 2',
  };
  const text = textOf({ tests: { passed: 1, failed: 1 }, causes: [failed, LOOP] }, 1);
  t.match(
    text,
    /^1 test passed, 1 failed; 1 problem in 7 requests\n {2}✗ a\.test\.js › adds fails: 1 !== 2\n/,
  );
  t.notMatch(text, /only test|each test/);
});

t.test('tests have passed only where their runner says so, too', (t) => {
  const tests = { ran: 8, failed: 0 };
  t.equal(
    textOf({ tests }, 3),
    [
      'node ended with exit code 3: its own lines above say why.',
      '8 tests ran, none known to have failed, though node says otherwise; nothing wrong found in their 7 requests before that',
    ].join('\n'),
  );
  t.match(textOf({ tests, causes: [LOOP] }, 3), /^8 tests ran, .* otherwise; 1 problem in 7 requests/m);
  t.match(textOf({ tests: { ran: 1, failed: 0, flaky: 1 } }, 1), /^1 test ran and is flaky, none known/m);
  t.end();
});

t.test('at 60 columns no line is longer, and nothing is lost', async (t) => {
  const terminal = { ...PIPE, columns: 60 };
  const text = textOf({ causes: [POST, LOOP], gone: [LOOP.sentence] }, 0, terminal);
  for (const line of text.split('\n')) t.ok(columnsOf(line) <= 60, line);
  const words = (of: string) =>
    of
      .split(/\s+/)
      .filter((word) => word !== '')
      .join(' ');
  t.equal(words(text), words(textOf({ causes: [POST, LOOP], gone: [LOOP.sentence] })));
});

t.test('colour only on a terminal that has it, signs only with UTF-8', async (t) => {
  const tty = { isTTY: true, columns: 60, getColorDepth: () => 8 };
  const [utf8, plain] = [{ LANG: 'C.UTF-8' }, { LANG: 'C' }];
  const isColoured = (terminal: Terminal) => textOf({ causes: [POST] }, 0, terminal).includes('\u001b');
  t.ok(isColoured(terminalOf(tty, utf8)));
  t.notOk(isColoured(terminalOf(tty, { ...utf8, NO_COLOR: '1' })));
  t.notOk(isColoured(terminalOf({}, utf8)));
  const causes = Array.from({ length: 4 }, () => POST);
  t.match(textOf({ causes, gone: ['a'] }, 0, terminalOf({}, plain)), /^[\n -~]+$/);
});

t.test("a sender's text executes nothing in the terminal", async (t) => {
  const text = textOf({ causes: [{ ...POST, sentence: 'a\u001b[31m\nb', file: 'c\u202e.js' }] });
  for (const sign of ['\u001b', '\u202e']) t.notOk(text.includes(sign));
  t.equal(text.split('\n').length, 3);
});

t.test('flaky tests stand below the failures, each with what differs', async (t) => {
  const flaky = {
    ...{ test: 'test/cart.test.js › pays', service: 'shop', file: 'test/cart.test.js', line: 31 },
    ...{ message: 'expected 503 to be 200', failed: 1, passed: 1, trace_id: '', span_id: '' },
    sentence: 'GET /pay answered 503, then 200',
  };
  t.equal(
    textOf({ tests: { passed: 9, failed: 0, flaky: 1 }, flaky: [flaky] }),
    [
      '9 tests passed, 1 of them flaky; nothing wrong found in their 7 requests',
      '  ~ test/cart.test.js › pays: failed, then passed',
      '      GET /pay answered 503, then 200',
      '      test/cart.test.js:31',
    ].join('\n'),
  );
  const failing: VerdictProblem = { ...POST, rule: 'test', sentence: 'lists fails: no' };
  const lines = textOf(
    {
      tests: { passed: 1, failed: 1, flaky: 1 },
      causes: [failing],
      flaky: [{ ...flaky, failed: 2 }, { ...flaky, failed: 3 }, { ...flaky, test: 'x'.repeat(9_000) }, flaky],
    },
    1,
  ).split('\n');
  t.match(lines[0], /^1 test passed and is flaky, 1 failed; 7 requests /);
  t.ok(lines.findIndex((line) => line.includes('✗')) < lines.findIndex((line) => line.includes('~')));
  t.match(
    lines.filter((line) => line.includes('~')).join('\n'),
    /failed twice, then[\s\S]*failed 3 times, then/,
  );
  t.ok(lines.every((line) => line.length < 310));
  t.equal(lines.at(-1), '  … and 1 more that failed, then passed');
});
