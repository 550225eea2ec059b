import t from 'tap';
import type { SignalName } from '../../src/export/signal.ts';
import { LOG_RECORDS } from '../../src/export/signal.ts';
import type { ExportFailure } from '../../src/failures/export-failure.ts';
import { createFailureReporter } from '../../src/report/failure-report.ts';

const url = 'http://localhost:4318/v1/traces';
const refused: ExportFailure = { url, cause: 'refused' };
const elsewhere: ExportFailure = {
  url: 'https://api.honeycomb.io/v1/traces',
  cause: 'unauthorized',
  status: 401,
};

function setUp(options: { secrets?: string[]; signal?: SignalName } = {}) {
  const lines: string[] = [];
  const clock = { ms: 0 };
  const log = {
    warn: (line: string) => void lines.push(`warn ${line}`),
    info: (line: string) => void lines.push(`info ${line}`),
  };
  return { lines, clock, reporter: createFailureReporter({ log, now: () => clock.ms, ...options }) };
}

t.test('the first failure is logged at once, then once a minute with all spans lost so far', async (t) => {
  const { lines, clock, reporter } = setUp();
  for (let second = 0; second <= 120; second += 5) {
    clock.ms = second * 1000;
    reporter.report(refused, 10);
  }
  t.equal(lines.length, 3);
  t.match(lines, [
    /^warn Spans could not .* 10 spans lost so far\.$/,
    /130 spans lost so far\.$/,
    /250 spans lost so far\.$/,
  ]);
});

t.test('another cause or another destination is logged at once, and counted for its own', async (t) => {
  const { lines, reporter } = setUp();
  reporter.report(refused, 1);
  reporter.report({ url, cause: 'timeout' }, 2);
  reporter.report(elsewhere, 4);
  reporter.report(refused, 8);
  t.match(lines, [
    /nothing listens.* 1 span lost so far/,
    /no answer in time.* 3 spans lost/,
    /401.* 4 spans lost/,
  ]);
  t.equal(lines.length, 3);
});

t.test('that a backend takes no log records is said once, however long it lasts', async (t) => {
  const { lines, clock, reporter } = setUp({ signal: LOG_RECORDS });
  const notFound: ExportFailure = { url: 'http://localhost:4318/v1/logs', cause: 'not-found', status: 404 };
  for (let minute = 0; minute < 10; minute++) {
    clock.ms = minute * 61_000;
    reporter.report(notFound, 1);
  }
  t.match(lines, [/^warn Log records could not .* 404, .*OTEL_LOGS_EXPORTER=none/]);
  t.equal(lines.length, 1);
});

t.test('one line when it works again, and then the next failure is logged at once', async (t) => {
  const { lines, clock, reporter } = setUp();
  reporter.recovered(url);
  t.strictSame(lines, [], 'nothing to say where nothing failed');
  reporter.report(refused, 5);
  reporter.report(refused, 5);
  clock.ms = 7_200;
  reporter.recovered(elsewhere.url);
  reporter.recovered(url);
  reporter.recovered(url);
  t.strictSame(lines.slice(1), [`info Spans are sent to ${url} again, after 7 s. 10 spans lost in between.`]);
  reporter.report(refused, 3);
  t.match(lines.at(-1), / 3 spans lost so far/);
});

t.test('spans that are kept for later are not called lost', async (t) => {
  const { lines, reporter } = setUp();
  reporter.report(refused, 0);
  reporter.recovered(url);
  t.match(lines, [/No spans lost so far\.$/, /No spans lost in between\.$/]);
});

t.test('what was counted in silence is said at the end, once', async (t) => {
  const { lines, reporter } = setUp();
  reporter.report(refused, 5);
  reporter.finish();
  t.equal(lines.length, 1, 'all of it has been said');
  reporter.report(refused, 6);
  reporter.finish();
  reporter.finish();
  t.strictSame(lines.slice(1), [`warn Spans could not be sent to ${url} until the end. 11 spans lost.`]);
});

t.test('secrets in the URL show in no line', async (t) => {
  const secret = 'http://me:hidden@localhost:4318/hidden/v1/traces';
  const { lines, reporter } = setUp({ secrets: ['hidden'] });
  reporter.report({ url: secret, cause: 'refused' }, 1);
  reporter.report({ url: secret, cause: 'refused' }, 1);
  reporter.finish();
  reporter.recovered(secret);
  t.equal(lines.length, 3);
  t.notMatch(lines.join('\n'), 'hidden');
});
