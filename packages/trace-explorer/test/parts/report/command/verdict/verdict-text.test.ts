import t from 'tap';
import { chooseColours } from '../../../../../src/core/command/terminal/colours.ts';
import type { Terminal } from '../../../../../src/core/command/terminal/terminal.ts';
import { terminalOf } from '../../../../../src/core/command/terminal/terminal.ts';
import { columnsOf } from '../../../../../src/core/command/terminal/terminal-text.ts';
import { verdictText } from '../../../../../src/parts/report/command/verdict/verdict-text.ts';
import type { Verdict, VerdictCause } from '../../../../../src/parts/report/server/verdict/schemas.ts';

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

const POST: VerdictCause = {
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
const LOOP: VerdictCause = {
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
  t.match(head, /^2 causes in 7 requests {2,}1 new since the last run$/);
  t.same(lines, [
    `  ✗ ${POST.sentence}`,
    '      src/orders.js:48 in placeOrder · 3 of 5 requests, none of 4 in the last run',
    `  ! ${LOOP.sentence}`,
    '      src/orders.js:31 in withUsers · each request',
  ]);
});

t.test('of how many requests nothing is said, because they waited for a processor', async (t) => {
  const line = 'waited for a processor, so nothing is said about their time.';
  t.equal(textOf({ requests: 40, delayed: 26 }), `40 requests; no causes\n26 of 40 requests ${line}`);
  t.match(textOf({ delayed: 1, causes: [LOOP] }), new RegExp(`each request\n1 of 7 requests ${line}$`));
  t.match(textOf({ requests: 0, messages: 3, delayed: 2 }), `2 of 3 messages ${line}`);
  t.match(textOf({ requests: 4, messages: 3, delayed: 2 }), `2 of 7 requests and messages ${line}`);
});

t.test('at most three causes, and how many more there are', async (t) => {
  const text = textOf({
    causes: Array.from({ length: 7 }, (_, index) => ({ ...LOOP, sentence: `cause ${index}` })),
  });
  t.match(text, /^7 causes in 7 requests\n/);
  t.equal(text.match(/^ {2}! cause/gm)?.length, 3);
  t.match(text, /\n {2}… and 4 more$/);
});

t.test('without a cause it says so, and never beside an exit code that is not 0', async (t) => {
  t.equal(textOf({}), '7 requests; no causes');
  t.equal(textOf({ requests: 9, refused: 1, refused_with: '404' }), '9 requests, 1 answered 404; no causes');
  t.equal(textOf({ requests: 3, messages: 20 }), '3 requests and 20 messages; no causes');
  const tests = { passed: 2, failed: 0 };
  t.equal(
    textOf({ requests: 9, refused: 1, tests }),
    '2 tests passed, 0 failed; no causes in their 9 requests',
  );
  const bare: Partial<Verdict> = {
    requests: 0,
    calls: {
      made: 6,
      refused: 0,
      failed: 1,
      to: ['127.0.0.1:22264'],
      failure: 'GET a/x, ECONNREFUSED',
      file: 'fail.mjs',
      line: 1,
    },
  };
  t.equal(
    textOf(bare, 1),
    '6 calls to 127.0.0.1:22264, 1 call failed: GET a/x, ECONNREFUSED (fail.mjs:1)\n' +
      'No request came in, so there is nothing to compare or to find. node ended with exit code 1: its own lines above say why.',
  );
  for (const verdict of [{}, { tests }, bare, { failed: 1 }, { refused: 1 }, { requests: 0, traces: 1 }])
    for (const code of [1, 2, 7, 127, 129, 130, 137, 143])
      t.notMatch(textOf(verdict, code), /no causes/i, `${JSON.stringify(verdict)} ${code}`);
  t.notMatch(textOf({ failed: 1 }), /no causes/, 'nor beside a failed request');
  t.notMatch(textOf({}, 130), 'say why', 'Ctrl+C needs no reason');
  t.match(textOf({}, 1), 'node ended with exit code 1: its own lines above say why.');
});

t.test('a failed test is told first, and is no cause', async (t) => {
  const failed: VerdictCause = {
    ...LOOP,
    failure: true,
    rule: 'test',
    unit: 'test',
    sentence: 'a.test.js › adds fails: 1 !== 2',
  };
  const text = textOf({ tests: { passed: 1, failed: 1 }, causes: [failed, LOOP] }, 1);
  t.match(text, /^1 test passed, 1 failed; 1 cause in 7 requests\n {2}✗ a\.test\.js › adds fails: 1 !== 2\n/);
  t.notMatch(text, /only test|each test/);
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
