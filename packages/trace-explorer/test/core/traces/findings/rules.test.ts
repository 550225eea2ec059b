import t from 'tap';
import { findingsOf, lookInTurns, RULE_NAMES } from '../../../../src/core/traces/findings/rules.ts';
import type { SpanRecord } from '../../../../src/core/traces/read/span-record.ts';
import { buildTree } from '../../../../src/core/traces/tree/tree.ts';
import { client, findingsIn, modelOf, sentences, server, span } from '../make-span.ts';

const ms = 1e6;
/** A recursion ends at some 11,000. */
const LEVELS = 20_000;

/** A trace of every kind of call, so many times. */
function large(count: number): SpanRecord[] {
  const spans = [server('root', '', 0, count * 3, { name: 'GET /all' })];
  for (let i = 0; spans.length < count; i++) {
    const error = i % 3 === 0;
    const name = `GET /api/${i % 50}`;
    spans.push(span(`s${i}`, i % 7 === 0 ? 'root' : `s${i - 1}`, i, i + 300, { error: i % 11 === 0 }));
    spans.push(client(`c${i}`, `s${i}`, i, i + 2, { name, error, call: i % 9 }));
    if (i % 2 === 0) spans.push(server(`v${i}`, `c${i}`, i, i + 80, { name, service: 'users', error }));
  }
  return spans;
}

t.test('the same spans say the same, byte by byte, and in any order of arrival', async (t) => {
  const spans = large(2000);
  const bytes = (records: readonly SpanRecord[]) => JSON.stringify(findingsIn(buildTree(records)));
  t.equal(bytes(spans), bytes(spans));
  t.ok(bytes(spans).length > 1000);
  t.equal(bytes(spans.toReversed()), bytes(spans));
});

t.test('names are text: cut, on one line, and without signs that turn the writing', async (t) => {
  const name = `GET <img src=x onerror=alert(1)>\u202e\u0000\n${'x'.repeat(100_000)}`;
  const calls = Array.from({ length: 5 }, (_, i) => client(`c${i}`, 'root', i, i + 1, { name, call: i + 1 }));
  const [found = ''] = sentences([server('root', '', 0, 10, { name }), ...calls]);
  t.match(found, /GET <img src=x onerror=alert\(1\)>/);
  t.match(found, '⟨U+202E⟩');
  t.ok(found.length < 400);
  for (const sign of ['\n', '\u202e', '\u0000']) t.notOk(found.includes(sign));
});

t.test('messages of errors and values of fields are in no sentence', async (t) => {
  const secret = 'api_key=s3cr3t';
  const said = sentences([
    server('root', '', 0, 100, { error: true, problem: secret, statusMessage: secret }),
    client('call', 'root', 1, 90, { error: true, problem: `ECONNREFUSED ${secret}`, statusMessage: secret }),
  ]);
  t.equal(said.length, 1);
  t.notMatch(said.join(), 's3cr3t');
});

t.test('a trace of 20,000 levels is read without recursion, and huge numbers stay numbers', async (t) => {
  const deep = Array.from({ length: LEVELS }, (_, i) =>
    client(`d${i}`, i === 0 ? '' : `d${i - 1}`, 0, 1e9, { error: i % 2 === 0, service: `s${i % 3}` }),
  );
  for (const { indexes, cost } of findingsIn(buildTree(deep)))
    t.ok(indexes.length <= LEVELS && cost < 1e18 * ms);
});

t.test('others have their turn between two rules, and the findings are the same', async (t) => {
  const spans = [
    server('root', '', 0, 1000, { name: 'GET /' }),
    client('call', 'root', 10, 900, { name: 'SELECT', statement: 1, isDatabase: true }),
  ];
  const [model, other] = [modelOf(spans), modelOf(spans)];
  let turns = 0;
  await lookInTurns(model, () => {
    turns += 1;
    return Promise.resolve();
  });
  t.ok(turns >= RULE_NAMES.length, `${turns} turns`);
  t.same(findingsOf(model), findingsOf(other));
  t.equal(findingsOf(model).length, 1);
});

t.test('of one rule ten findings at most, those that cost most', async (t) => {
  const spans = [server('root', '', 0, 60_000)];
  for (let i = 0; i < 20; i++) {
    spans.push(
      server(`s${i}`, 'root', 3000 * i, 3000 * i + 1600 + 10 * i, { name: `GET /${i}`, service: 'shop' }),
    );
    spans.push(
      client(`c${i}`, `s${i}`, 3000 * i, 3000 * i + 1500 + 10 * i, { name: `SELECT ${i}`, service: 'shop' }),
    );
  }
  const slow = findingsIn(buildTree(spans)).filter(({ rule }) => rule === 'slow-call');
  t.equal(slow.length, 10);
  t.match(slow[0]?.sentence, /^SELECT 19 /);
});
