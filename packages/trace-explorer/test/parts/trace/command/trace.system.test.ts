import type { AddressInfo } from 'node:net';
import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { runCli, runCliProcess } from '../../../core/command/run-cli.ts';
import { at, ids, temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { storeSpans } from '../../../spans.ts';

const id = ids();

const { app, store } = await temporaryExplorer(t);
/** Stored one after the other while the explorer answers a list of traces, as if it came just after the answer. */
const coming: PlainSpan[][] = [];
app.addHook('onSend', async ({ url }) => {
  if (url.startsWith('/api/traces?')) await storeSpans(store, coming.shift() ?? []);
});
await app.listen({ port: 0, host: '127.0.0.1' });
const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
const trace = (...args: string[]) => runCli('trace', ['--url', url, ...args]);
const empty = () => store.delete({ all: true });

const traceId = id('home', 16);
function home(): PlainSpan[] {
  const api = { traceId, service: 'activities-api' };
  const users = { traceId, service: 'user-lookup' };
  return [
    { ...api, spanId: id('root'), name: 'GET /api/activities/home', kind: 2, start: at(0), durationMs: 100 },
    {
      ...api,
      spanId: id('data'),
      parentSpanId: id('root'),
      name: 'home-activities-data',
      start: at(10),
      durationMs: 50,
    },
    {
      ...users,
      spanId: id('users'),
      parentSpanId: id('data'),
      name: 'GET /api/users',
      kind: 2,
      start: at(25),
      durationMs: 25,
      status: 2,
      statusMessage: 'database away',
    },
  ];
}

t.test('the newest trace is drawn as a waterfall', async (t) => {
  await empty();
  await storeSpans(store, [{ traceId: id('old', 16), start: at(-5000) }]);
  await storeSpans(store, home());
  const { code, out, error } = await trace();
  t.match({ code, error }, { code: 0, error: / ended \d+ min .* ago\.\n$/ }, 'an old one is said to be old');
  const lines = out.split('\n');
  t.match(
    lines[0],
    /^GET \/api\/activities\/home {2}100 ms · 3 spans · 2 services · ✗ 1 error · [\d: .-]+ UTC$/,
  );
  t.equal(lines[1], `${url}/trace/${traceId}`);
  const rows = lines.slice(3, 6);
  t.match(rows[0], /^activities-api GET \/api\/activities\/home +100 ms █+$/);
  t.match(rows[1], /^activities-api {3}home-activities-data +50\.0 ms +█+/);
  t.match(rows[2], /^user-lookup +✗ GET \/api\/users +25\.0 ms +█+/);
  const start = (row = '') => row.indexOf('█');
  const width = (rows[0] ?? '').length - start(rows[0]);
  t.equal(start(rows[1]) - start(rows[0]), Math.floor(width * 0.1), 'bars start where the spans do');
  t.equal(start(rows[2]) - start(rows[0]), Math.floor(width * 0.25));
  t.match(out, '✗ user-lookup: GET /api/users: database away');
  for (const line of lines) t.ok(line.length <= 100, 'fits the width');
  t.notMatch(out, '\u001b', 'no colours where there is no terminal');
});

t.test('the newest trace is of a second after the start, and is shown when it is whole', async (t) => {
  await empty();
  await storeSpans(store, [{ traceId: id('old', 16), name: 'old', start: at(-5000) }]);
  const began = BigInt(Date.now()) * 1_000_000n;
  const [root, ...others] = home().map((span) => ({ ...span, start: began }));
  coming.push(others, [], root === undefined ? [] : [root]);
  const { out } = await trace();
  t.match(out.split('\n')[0], /^GET \/api\/activities\/home .* 3 spans/);
  const old = await trace(id('old', 16));
  t.match(old.out, /^old /, 'an older trace is as it is');
});

t.test('log lines stand under their spans', async (t) => {
  await empty();
  await storeSpans(store, home());
  const line = { traceId, service: 'user-lookup', spanId: id('users') };
  await store.write(
    decodedLogs([
      { ...line, time: at(40), severity: 17, body: 'no answer\nat all', attributes: { attempt: 2 } },
      {
        ...line,
        time: at(30),
        severity: 13,
        body: 'slow',
        attributes: { 'exception.type': 'Timeout', 'exception.message': 'after 10 ms' },
      },
      { ...line, spanId: id('root'), time: at(-2), severity: 0, body: '\u001b[2Jhostile' },
      { traceId, time: at(50), body: 'of the trace' },
      { ...line, spanId: id('late'), time: at(60), severity: 5, body: 'orphan' },
    ]),
  );
  const { code, out } = await trace();
  t.equal(code, 0);
  const lines = out.split('\n').slice(3);
  t.match(lines[0], /^activities-api GET/);
  t.match(lines[1], /^ {17}· – +-2\.00 ms \ufffd\[2Jhostile$/);
  t.match(lines[2], /home-activities-data/);
  t.match(lines[3], /✗ GET \/api\/users/);
  t.match(lines[4], /^ {21}· WARN {2}\+30\.0 ms slow · Timeout: after 10 ms$/);
  t.match(lines[5], /^ {21}· ERROR \+40\.0 ms no answer at all {2}attempt=2$/);
  t.match(out, /Log lines of the trace without a span:\n +· INFO {2}\+50\.0 ms of the trace\n/);
  t.match(out, /Log lines whose span has not arrived:\n +· DEBUG \+60\.0 ms orphan\n/);
  for (const each of out.split('\n')) t.ok(each.length <= 100, 'fits the width');
  const without = await trace('--no-logs');
  t.notMatch(without.out, /WARN|Log lines/);
  const bodies = ({ logs }: { logs: { body: string }[] }) => logs.map(({ body }) => body);
  t.same(bodies(JSON.parse((await trace('--json')).out)).slice(1), [
    'slow',
    'no answer\nat all',
    'of the trace',
    'orphan',
  ]);
  t.notOk('logs' in JSON.parse((await trace('--json', '--no-logs')).out));
});

t.test('for a trace that has log lines and no span yet, the command that shows them is named', async (t) => {
  await empty();
  await store.write(decodedLogs([{ traceId, spanId: id('late'), service: 'api', body: 'first' }]));
  t.match(await trace(traceId), { code: 1, out: '', error: new RegExp(`logs --trace ${traceId}`) });
});

t.test('a trace is found by its id or the beginning of it', async (t) => {
  await empty();
  const first = `abcd${id('a', 16).slice(4)}`;
  const second = `abce${id('b', 16).slice(4)}`;
  await storeSpans(store, [
    { traceId: first, name: 'first', start: at(0) },
    { traceId: second, name: 'second', start: at(0) },
  ]);
  t.match((await trace('ABCD')).out, /^first/);
  t.match((await trace(second)).out, /^second/);
  const both = await trace('abc');
  t.equal(both.code, 1);
  t.match(both.error, new RegExp(`More than one trace .*abc[sS]*${second}|${first}`));
  t.match(await trace('beef'), { code: 1, out: '', error: 'No trace has an id that begins with beef.' });
  t.match((await trace(`traceresponse: 00-${second}-b7ad6b7169203331-01`.toUpperCase())).out, /^second/);
  t.match((await trace('traceparent:', `00-${first}-b7ad6b7169203331-01`)).out, /^first/, 'without quotes');
  t.match(await trace('not-an-id'), { code: 1, error: /"not-an-id" is not a trace id/ });
});

t.test('--json is the whole trace', async (t) => {
  await empty();
  await storeSpans(store, home());
  const parsed = JSON.parse((await trace('--json')).out);
  t.match(parsed, { trace_id: traceId, spans: [{ name: 'GET /api/activities/home' }, {}, { error: true }] });
});

t.test('a large trace is cut, --all shows it all', async (t) => {
  await empty();
  const spans: PlainSpan[] = [{ traceId, spanId: id('root'), name: 'root', start: at(0), durationMs: 10 }];
  for (let n = 0; n < 6000; n++)
    spans.push({
      traceId,
      spanId: `d${n.toString(16).padStart(15, '0')}`,
      parentSpanId: spans.at(-1)?.spanId ?? '',
      name: `n${n}`,
      start: at(1),
      durationMs: 1,
    });
  await storeSpans(store, spans);
  const { out } = await trace();
  t.match(out, /… and 5,501 more spans; --all shows them\./);
  t.match(out, /\(17\) n16/, 'deep spans keep a place on the line');
  const all = (await trace('--all')).out;
  t.match(all, 'n5999');
  t.notMatch(all, 'more spans');
});

t.test('names cannot command the terminal', async (t) => {
  await empty();
  const hostile = '\u001b]0;owned\u0007\u001b[2Jx\r\ny\u202e';
  await storeSpans(store, [
    { traceId, service: hostile, name: hostile, status: 2, statusMessage: hostile, start: at(0) },
  ]);
  const { code, out } = await trace();
  t.equal(code, 0);
  t.notMatch(out.replaceAll('\n', ''), /\p{Cc}|\u202e/u);
});

t.test('--json cannot command the terminal either, and says the same', async (t) => {
  await empty();
  const hostile = '\u009b2J\u007f\u202e\u2066\u200b\u061c\u2028\u{e0041}\u001b[2Jä';
  await storeSpans(store, [{ traceId, service: hostile, name: hostile, start: at(0) }]);
  const { code, out } = await trace('--json');
  t.equal(code, 0);
  t.notMatch(out.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  t.equal(JSON.parse(out).spans[0].name, hostile);
});

t.test('mistakes are explained in words', async (t) => {
  await empty();
  for (const [env, error] of [
    [
      {},
      /No traces yet\. Send a request \(curl http:\/\/localhost:4567\/api\/activities\/home\), then try again/,
    ],
    [{ TANDEM: '' }, /No traces yet\. Send a request, then try again/],
  ] as const)
    t.match(await runCliProcess('trace', ['--url', url], env), { code: 1, out: '', error });
  t.match(await runCliProcess('trace', ['ffff'.repeat(8), '--url', url], { TANDEM: '' }), {
    error: /Its log lines, if there are any: node tandem logs --trace/,
  });
  const away = await runCliProcess('trace', ['--url', 'http://127.0.0.1:1/']);
  t.match(away, {
    code: 1,
    out: '',
    error:
      /No trace explorer answers at http:\/\/127\.0\.0\.1:1\. Trace a command with node tandem run -- CMD, start the explorer alone with node tandem explorer,/,
  });
  const moved = await runCliProcess('trace', [], { EXPLORER_URL: 'http://127.0.0.1:1' });
  t.match(moved, { code: 1, error: /answers at http:\/\/127\.0\.0\.1:1, which EXPLORER_URL names\./ });
  const wrong = await runCliProcess('trace', [], { EXPLORER_URL: 'nonsense' });
  t.match(wrong, { code: 1, error: /^EXPLORER_URL: "nonsense" is not a URL/ });
  t.match(await runCli('trace', ['--url', 'nonsense']), { code: 1, error: /"nonsense" is not a URL/ });
  t.match(await runCliProcess('trace', ['--colour']), { code: 2, error: /--colour[\s\S]*node tandem trace/ });
  t.match(await runCli('trace', ['a', 'b']), { code: 2, error: /Name one trace id/ });
  t.match(await runCli('trace', ['--help']), { code: 0, out: /waterfall/, error: '' });
});
