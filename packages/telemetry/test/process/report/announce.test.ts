import t from 'tap';
import { describeEnd, describeSettings } from '../../../src/process/report/announce.ts';
import { readSettings } from '../../../src/process/settings/index.ts';
import type { DestinationCounters } from '../../../src/road/delivery/counters.ts';
import { DestinationReport } from '../../../src/road/delivery/destination-report.ts';

const describe = (environment: Record<string, string>) =>
  describeSettings(readSettings(environment, { directory: import.meta.dirname }));

t.test('without any variable: where spans go, and that all is default', async (t) => {
  const { message, fields } = describe({});
  t.equal(
    message,
    'Telemetry of telemetry: spans go to http://localhost:4318/v1/traces. All settings are defaults.',
  );
  t.strictSame(fields, {
    event: 'telemetry.self',
    telemetry: {
      service: 'telemetry',
      spans: ['http://localhost:4318/v1/traces'],
      logs: ['http://localhost:4318/v1/logs'],
      from: [],
    },
  });
});

t.test('variables of settings that are no defaults are named', async (t) => {
  const { message, fields } = describe({
    OTEL_SERVICE_NAME: 'mine',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=theirs,team=blue',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://general:4318',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://specific:4318/in',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-a=1,x-b=1',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'X-A=2',
    OTEL_EXPORTER_OTLP_TIMEOUT: '1',
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '2',
    OTEL_ATTRIBUTE_COUNT_LIMIT: '1',
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '2',
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.5',
    OTEL_PROPAGATORS: ' ',
  });
  t.strictSame(fields.telemetry.from, [
    'OTEL_ATTRIBUTE_COUNT_LIMIT',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_EXPORTER_OTLP_HEADERS',
    'OTEL_EXPORTER_OTLP_TIMEOUT',
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
    'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT',
    'OTEL_RESOURCE_ATTRIBUTES',
    'OTEL_SERVICE_NAME',
    'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT',
    'OTEL_TRACES_SAMPLER',
    'OTEL_TRACES_SAMPLER_ARG',
  ]);
  t.match(
    message,
    /^Telemetry of mine: spans go to http:\/\/specific:4318\/in\. Not default: OTEL_ATTRIBUTE_/,
  );
  t.match(fields.telemetry, {
    service: 'mine',
    spans: ['http://specific:4318/in'],
    logs: ['http://general:4318/v1/logs'],
  });
});

t.test("variables that the starting program has set are not told as the person's", async (t) => {
  const set = { OTEL_SERVICE_NAME: 'mine', DATA_DIR: '/tmp/data', LOG_LEVEL: 'debug' };
  const { message } = describe({ ...set, TANDEM_RUN_SET: 'OTEL_SERVICE_NAME,DATA_DIR,NODE_ENV' });
  t.match(message, / Not default: LOG_LEVEL\.$/);
  t.match(
    describe({ TANDEM_RUN_SET: 'DATA_DIR', DATA_DIR: '/tmp/data' }).message,
    /All settings are defaults\.$/,
  );
});

t.test('no key, no header value and no secret of a URL is shown', async (t) => {
  const key = 'hcaik_01hqk4k20cjeh63wca8vva5stw70nft6m5n8wr8f5mjx3762s8269j50wc';
  const description = JSON.stringify(
    describe({
      HONEYCOMB_API_KEY: key,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:hunter2@localhost:4318',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://user:hunter2@localhost:4318/in?token=hunter2',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20hunter2',
      OTEL_RESOURCE_ATTRIBUTES: 'password=hunter2',
    }),
  );
  for (const swapped of [
    `${key}=x-honeycomb-team`,
    'ZaVnC4dhaV0WcDyMhB9==',
    'Bearer%20hunter2=authorization',
  ])
    t.notMatch(
      JSON.stringify(describe({ OTEL_EXPORTER_OTLP_HEADERS: swapped })),
      /hcaik_|ZaVnC4dhaV0|hunter2/i,
      'a token in the place of the name',
    );
  t.notMatch(description, 'hunter2');
  t.notMatch(description, key);
});

t.test('spans that go to the console, or nowhere', async (t) => {
  t.match(
    describe({ OTEL_TRACES_EXPORTER: 'console' }).message,
    'spans go to the console, log lines to standard output only.',
  );
  t.match(describe({ OTEL_TRACES_EXPORTER: 'otlp,console' }).message, '/v1/traces and the console.');
  t.match(describe({ OTEL_TRACES_EXPORTER: 'none' }).message, 'spans go nowhere.');
});

const { counts: NONE } = new DestinationReport({ name: 'otlp', log: { info() {}, warn() {}, error() {} } });

/** A destination with these counts. */
function destination(name: string, counts: object, lost: object = {}, items = 0): DestinationCounters {
  const spool = { items, bytes: 100 * items, capacityBytes: 1000 };
  return {
    name,
    ...NONE,
    ...counts,
    lost: { ...NONE.lost, ...lost },
    queue: { items: 0, capacity: 1 },
    spool,
  };
}

const endOf = (spans: DestinationCounters[], logs: DestinationCounters[] = []) =>
  describeEnd({ spans: { destinations: spans }, logs: { destinations: logs } });

t.test('a process that had nothing to send has no line at its end', async (t) => {
  t.equal(endOf([]), undefined);
  t.equal(endOf([destination('otlp', {})], [destination('otlp', {})]), undefined);
});

t.test('a process that lost nothing logs how much it sent, kept and handed over', async (t) => {
  const end = endOf([destination('otlp', { ended: 10, recovered: 2, exported: 9 }, {}, 3)]);
  t.equal(
    end?.message,
    'Telemetry ended. Spans for otlp: 9 sent, 3 kept on disk for the next start, 0 lost.',
  );
  t.ok(end?.isLossless);
  t.match(end?.fields, {
    event: 'telemetry.end',
    telemetry: { spans: [{ name: 'otlp', ended: 10, spool: { items: 3 } }] },
  });
  const shared = destination('otlp', { ended: 9, exported: 4, handedOver: 5 });
  t.match(endOf([shared])?.message, '5 taken by other processes, 0 lost.');
});

t.test('losses are named by reason, of each destination, and of log records by themselves', async (t) => {
  const end = endOf(
    [destination('a', { ended: 10, exported: 3 }, { rejected: 5, shutdown: 2 }), destination('b', {})],
    [destination('otlp', { ended: 5, exported: 2 })],
  );
  t.notOk(end?.isLossless);
  t.match(
    end?.message,
    'Spans for a: 3 sent, 0 kept on disk for the next start, lost: rejected 5, shutdown 2.',
  );
  t.match(end?.message, 'Spans for b: 0 sent');
  t.match(end?.message, 'Log records for otlp: 2 sent, 0 kept on disk for the next start, 0 lost.');
  t.match(end?.fields.telemetry, { logs: [{ name: 'otlp', ended: 5, spool: { items: 0 } }] });
  t.notOk(endOf([], [destination('otlp', { ended: 3 }, { queue_full: 3 })])?.isLossless);
});
