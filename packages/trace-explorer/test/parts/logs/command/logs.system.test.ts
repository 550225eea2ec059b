import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { PlainLogRecord } from '@tandem/otlp/testing';
import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { buildExplorer } from '../../../../src/app.ts';
import { runCli, runCliProcess, startCli } from '../../../core/command/run-cli.ts';
import { at } from '../../../explorer.ts';
import { randomId, temporaryStore } from '../../../spans.ts';

type Test = Parameters<typeof temporaryStore>[0];

async function listening(t: Test) {
  const store = await temporaryStore(t);
  const app = await buildExplorer({ store });
  await app.listen({ port: 0, host: '127.0.0.1' });
  t.teardown(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    app,
    write: (...records: readonly PlainLogRecord[]) => store.write(decodedLogs(records)),
    logs: (...args: string[]) => runCli('logs', ['--url', url, ...args]),
  };
}

const traceId = randomId(16);

t.test('the newest lines of all services, the oldest of them first', async (t) => {
  const { logs, write } = await listening(t);
  t.match(await logs(), { code: 0, out: '', error: 'No log lines.\n' });
  await write(
    { time: at(2), service: 'api', severity: 13, body: 'second', attributes: { n: 7, who: 'a b' } },
    { time: at(1), service: 'user-lookup', severity: 9, body: 'first\nof two', traceId },
    {
      time: at(3),
      service: 'api',
      severity: 17,
      body: 'third \u001b[2J',
      attributes: {
        'exception.type': 'TypeError',
        'exception.message': 'x is not a function',
        // Python's end with a line break.
        'exception.stacktrace': 'TypeError: x is not a function\n\tat run (a.ts:1:2)\n',
      },
    },
    { time: at(4), service: 'worker', severity: 0, body: null, eventName: 'job.done' },
  );
  const { code, out, error } = await logs();
  t.strictSame({ code, error }, { code: 0, error: '' });
  // With its day where that is not today.
  const time = String.raw`(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d{3}`;
  t.match(out, new RegExp(`^${time} INFO  user-lookup first of two  trace=${traceId}$`, 'm'));
  t.match(out, new RegExp(`^${time} WARN  api         second  n=7 who="a b"$`, 'm'));
  t.match(
    out,
    new RegExp(
      `^${time} ERROR api         third \ufffd\\[2J · TypeError: x is not a function\n    TypeError: x is not a function\n      at run \\(a\\.ts:1:2\\)\n\\d`,
      'm',
    ),
  );
  t.match(out, new RegExp(`^${time} –     worker      job\\.done$`, 'm'));
  t.ok(out.indexOf('first') < out.indexOf('second'), 'in the order of time');
  t.notMatch(out.replaceAll('\n', ''), /\p{Cc}/u);

  const bodies = async (...args: string[]) =>
    (await logs('--json', ...args)).out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).body ?? '-');
  t.same(await bodies(), ['first\nof two', 'second', 'third \u001b[2J', '-']);
  t.same(await bodies('-n', '2'), ['third \u001b[2J', '-']);
  t.same(await bodies('-n', '0'), []);
  t.same(await bodies('--service', 'api', '--level', 'ERROR'), ['third \u001b[2J']);
  t.same(await bodies('--grep', 'SECOND'), ['second']);
  t.same(await bodies('--field', 'n=7'), ['second']);
  t.same(await bodies('--field', 'n'), ['second'], 'a field alone: with any value');
  t.match(await logs('--field', 'nope'), { code: 1, error: /has a field named "nope"/ });
  t.same(await bodies('--trace', `00-${traceId}-b7ad6b7169203331-01`), ['first\nof two']);
});

t.test('a long line is written whole', async (t) => {
  const { logs, write } = await listening(t);
  const attributes = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [`setting.${i}`, `value ${i}`]),
  );
  const stack = `Error: long\n    at ${'x'.repeat(900)} (a.ts:1:2)`;
  await write(
    { time: at(1), service: 'api', body: 'started', attributes, traceId },
    { time: at(2), service: 'api', body: 'y'.repeat(900), attributes: { n: 7 } },
    { time: at(3), service: 'api', body: 'failed', attributes: { 'exception.stacktrace': stack } },
  );
  const [started, long, failed, , frame] = (await logs()).out.trimEnd().split('\n');
  t.match(
    started,
    new RegExp(`api started  setting\\.0="value 0" .* setting\\.199="value 199" trace=${traceId}$`),
  );
  t.match(long, /y{900} {2}n=7$/);
  t.match(failed, /api failed · Error: long$/);
  t.match(frame, /^ {8}at x{900} \(a\.ts:1:2\)$/);
});

t.test('a trace with an id of 64 bits is named by its 16 digits, as lines have it', async (t) => {
  const { logs, url, write } = await listening(t);
  const short = 'f798a1e7f33c8af6';
  await write({ service: 'api', body: 'from B3', traceId: `${'0'.repeat(16)}${short}` }, { body: 'other' });
  for (const id of [short, `${'0'.repeat(16)}${short}`]) {
    t.match((await logs('--trace', id)).out, /^\S+ INFO {2}api from B3 {2}trace=f798a1e7f33c8af6\n$/, id);
    t.match(await runCli('trace', ['--url', url, id]), { code: 1, error: new RegExp(`logs --trace ${id}`) });
  }
});

t.test('-f goes on with new lines until the explorer ends', async (t) => {
  const { app, url, write } = await listening(t);
  await write({ body: 'before', severity: 13 });
  const { child, output } = startCli('logs', ['--url', url, '-f', '--level', 'warn', '--json']);
  t.teardown(() => child.kill());
  const bodies = () =>
    output.out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).body);
  const shown = (count: number) =>
    until(() => (bodies().length >= count ? true : undefined), { what: `${count} lines` });
  await shown(1);
  await write({ body: 'not shown', severity: 9 }, { body: 'during', severity: 17 });
  await shown(2);
  await app.close();
  const [code] = await once(child, 'exit');
  t.equal(code, 0);
  t.match(output.error, 'The explorer has ended.');
  t.same(bodies(), ['before', 'during']);
});

t.test('mistakes are explained in words', async (t) => {
  const { logs } = await listening(t);
  t.match(await logs('--level', 'loud'), { code: 1, error: /--level takes trace, .*fatal, not "loud"/ });
  t.match(await logs('--trace', 'abc'), {
    code: 1,
    error: /--trace takes the 32 digits of a trace's id, or the 16/,
  });
  for (const lines of ['many', '', '1000001'])
    t.match(await logs('-n', lines), { code: 1, error: /--lines takes a number from 0 to 1000000/ });
  t.match(await logs('--grep', ''), { code: 1, error: /^--grep takes a text/ });
  t.match(await logs('--field', 'nothing=1'), { code: 1, error: /has a field named "nothing"/ });
  t.match(await logs('-f', '--field', 'nothing=1'), { code: 1, error: /has a field named "nothing"/ });
  t.match(await runCliProcess('logs', ['--colour']), { code: 2, error: /--colour[\s\S]*node tandem logs/ });
  t.match(await logs('--help'), { code: 0, out: /logs -f/, error: '' });
  const away = await runCli('logs', ['--url', 'http://127.0.0.1:1', '-f']);
  t.match(away, { code: 1, out: '', error: /No trace explorer answers at http:\/\/127\.0\.0\.1:1/ });
});
