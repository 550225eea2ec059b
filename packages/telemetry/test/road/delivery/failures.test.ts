import t from 'tap';
import type { DescribeOptions, SignalName } from '../../../src/road/delivery/describe-failure.ts';
import { explainExportFailure } from '../../../src/road/delivery/describe-failure.ts';
import { DestinationReport } from '../../../src/road/delivery/destination-report.ts';
import type { ExportFailure } from '../../../src/road/delivery/export-failure.ts';
import { LOG_RECORDS } from '../../../src/road/delivery/signal.ts';
import { CLASSIC_KEY, CONFIGURATION_KEY, INGEST_KEY } from '../../service/doctor/honeycomb/fake-honeycomb.ts';

const us = 'https://api.honeycomb.io/v1/traces';
const explorer = 'http://localhost:4318/v1/traces';
const collector = 'https://collector.example/v1/traces';

function describeExportFailure(failure: ExportFailure, options?: DescribeOptions): string {
  const { what, todo } = explainExportFailure(failure, options);
  return `${what} ${todo}`;
}

/** Failures, and the sentences about them. */
const lines: readonly (readonly [ExportFailure, RegExp])[] = [
  [
    { url: us, cause: 'unauthorized', status: 401 },
    /401, it refused the key\. Check HONEYCOMB_API_KEY or OTEL_EXPORTER_OTLP_HEADERS\. .*EU region needs HONEYCOMB_API_ENDPOINT=https:\/\/api\.eu1\.honeycomb\.io\./,
  ],
  [{ url: collector, cause: 'unauthorized', status: 403 }, /403, .*Check .*OTEL_EXPORTER_OTLP_HEADERS/],
  [{ url: explorer, cause: 'not-found', status: 404 }, /404, .*OTEL_EXPORTER_OTLP_ENDPOINT is a base URL/],
  [
    { url: us, cause: 'too-large', status: 413, bytes: 2_000_000 },
    /413, larger .* \(2000000 bytes\)\. .*OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT/,
  ],
  [{ url: us, cause: 'overloaded' }, /takes no more at the moment\. .*its status page.*OTEL_TRACES_SAMPLER/],
  [{ url: explorer, cause: 'rejected', status: 400 }, /400, .*receiver of protobuf/],
  [
    { url: collector, cause: 'wrong-form', status: 415 },
    /415, .*OTEL_EXPORTER_OTLP_COMPRESSION=none.*receiver of protobuf/,
  ],
  [{ url: collector, cause: 'redirected', status: 301 }, /301, .*https:\/\/ for http:\/\//],
  [
    { url: us, cause: 'partly-rejected', detail: 'span too old' },
    /it rejected part of the batch \("span too old"\)/,
  ],
  [
    { url: explorer, cause: 'unreachable', detail: 'connect ECONNREFUSED 127.0.0.1:4318' },
    /no connection \("connect ECONNREFUSED 127\.0\.0\.1:4318"\)\. Is an OTLP\/HTTP receiver running there .*4317 is for gRPC/,
  ],
  [
    { url: collector, cause: 'unreachable', detail: 'self-signed certificate' },
    /\("self-signed certificate"\).*OTEL_EXPORTER_OTLP_CERTIFICATE/,
  ],
  [
    { url: collector, cause: 'web-page', detail: 'HTML: Sign in' },
    /a web page answers there, .* \("HTML: Sign in"\)\. Name the address of an OTLP\/HTTP receiver.*OTEL_EXPORTER_OTLP_HEADERS/,
  ],
  [{ url: us, cause: 'timeout' }, /no answer in time.*OTEL_EXPORTER_OTLP_TIMEOUT/],
];

for (const [failure, expected] of lines) {
  t.test(`${failure.cause} at ${failure.url} says what to do`, async (t) => {
    const line = describeExportFailure(failure);
    t.match(line, expected);
    t.ok(line.startsWith(`Spans did not reach ${failure.url}: `), 'with the effective URL');
    t.notMatch(line, /\n|undefined/);
  });
}

t.test('what only warns is not said as if the spans had not arrived', async (t) => {
  const warned = describeExportFailure({ url: us, cause: 'warned', detail: 'name missing' });
  t.equal(warned, `${us} took all, with a warning ("name missing"). Nothing was rejected.`);
  const unclear = describeExportFailure({ url: us, cause: 'unclear', detail: 'ok' });
  t.match(unclear, /^https:\S+ answers that all is well, but not as OTLP does \("ok"\)\. .*counts as taken/);
});

t.test('no key shows, whether the backend echoes it or it stands in the URL', async (t) => {
  const failure: ExportFailure = {
    url: `https://user:${CONFIGURATION_KEY}@collector.example/v1/traces?key=${CLASSIC_KEY}`,
    cause: 'unauthorized',
    status: 401,
    detail: `key ${INGEST_KEY} and own-token unknown\nsecond line`,
  };
  const line = describeExportFailure(failure, { secrets: ['own-token'] });
  for (const key of [INGEST_KEY, CONFIGURATION_KEY, CLASSIC_KEY, 'own-token', '\n'])
    t.notOk(line.includes(key));
  t.match(line, 'https://REDACTED@collector.example/v1/traces?REDACTED');
});

const url = 'http://localhost:4318/v1/traces';
const refused: ExportFailure = { url, cause: 'unreachable' };

function setUp(options: { secrets?: string[]; signal?: SignalName } = {}) {
  const lines: string[] = [];
  const clock = { ms: 0 };
  const log = {
    error: (_fields: object, line: string) => void lines.push(`error ${line}`),
    warn: (_fields: object, line: string) => void lines.push(`warn ${line}`),
    info: (_fields: object, line: string) => void lines.push(`info ${line}`),
  };
  const report = new DestinationReport({ name: 'otlp', log, now: () => clock.ms, ...options });
  return { lines, clock, report };
}

t.test('the first failure is logged at once, then once a minute with all spans lost so far', async (t) => {
  const { lines, clock, report } = setUp();
  for (let second = 0; second <= 120; second += 5) {
    clock.ms = second * 1000;
    report.failed(refused);
    report.lose('rejected', 5);
  }
  t.match(lines, [
    /^warn Spans did not .* No spans lost so far\.$/,
    / 60 spans lost so far\.$/,
    / 120 spans lost so far\.$/,
  ]);
  t.equal(lines.length, 3);
});

t.test('another cause is logged at once', async (t) => {
  const { lines, report } = setUp();
  report.failed(refused);
  report.failed({ url, cause: 'timeout' });
  report.failed(refused);
  t.match(lines, [/no connection/, /no answer in time/]);
  t.equal(lines.length, 2);
});

t.test(
  'a backend that answers in words of its own has one line, and its warnings one a minute',
  async (t) => {
    const { lines, clock, report } = setUp();
    for (let second = 0; second < 600; second += 5) {
      clock.ms = second * 1000;
      report.warned({ url, cause: 'unclear', detail: 'ok' });
      if (second < 65) report.warned({ url, cause: 'warned', detail: 'old' });
    }
    report.recovered(url);
    t.match(lines, [/^warn .*"ok"/, /^warn .*"old"/, /^warn .*"old"/]);
    t.equal(lines.length, 3, 'and nothing had failed');
  },
);

t.test('a backend that takes no log records has one line, also after many minutes', async (t) => {
  const { lines, clock, report } = setUp({ signal: LOG_RECORDS });
  const notFound: ExportFailure = { url: 'http://localhost:4318/v1/logs', cause: 'traces-only', status: 404 };
  for (let minute = 0; minute < 10; minute++) {
    clock.ms = minute * 61_000;
    report.failed(notFound);
  }
  t.match(lines, [/^warn Log records did not .* 404, .*OTEL_LOGS_EXPORTER=none/]);
  t.equal(lines.length, 1);
});

t.test('one line when it works again; the same failure within the minute has no line', async (t) => {
  const { lines, clock, report } = setUp();
  report.recovered(url);
  t.strictSame(lines, [], 'nothing to say where nothing failed');
  report.failed(refused);
  report.failed(refused);
  clock.ms = 7_200;
  report.lose('rejected', 1);
  report.recovered(url);
  report.recovered(url);
  t.strictSame(lines.slice(1), [`info Spans reach ${url} again, after 7 s. 1 span lost so far.`]);
  report.failed(refused);
  report.recovered(url);
  t.equal(lines.length, 2, 'nor has its end');
  clock.ms = 61_000;
  report.failed(refused);
  t.equal(lines.length, 3);
});

t.test('secrets in the URL show in no line', async (t) => {
  const secret = 'http://me:hidden@localhost:4318/hidden/v1/traces';
  const { lines, report } = setUp({ secrets: ['hidden'] });
  report.failed({ url: secret, cause: 'unreachable' });
  report.recovered(secret);
  t.equal(lines.length, 2);
  t.notMatch(lines.join('\n'), 'hidden');
});

t.test('an error of the disk that ends with a full stop has one', async (t) => {
  const { lines, report } = setUp();
  report.notKept('/data/spool', new Error('Use --allow-fs-write to manage permissions.'));
  t.match(lines, [/ manage permissions\. Make it writable/]);
});

t.test('losses without an answer, and errors of the disk, have a line a minute each', async (t) => {
  const { lines, clock, report } = setUp();
  for (let second = 0; second <= 60; second += 20) {
    clock.ms = second * 1000;
    report.lose('queue_full', 2);
    report.notKept('/data/spool', new Error('ENOSPC'));
  }
  const [full, atFirst, afterAMinute] = [/ in \/data\/spool: ENOSPC\. .*DATA_DIR\.$/, / 2\.$/, / 8\.$/];
  t.match(lines, [atFirst, full, afterAMinute, full]);
  t.equal(lines[2], 'warn Spans for otlp are lost, so far: queue_full 8.');
  t.equal(lines.length, 4);
});
