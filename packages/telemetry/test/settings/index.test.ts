import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Environment } from '../../src/settings/index.ts';
import { readSettings, SettingsError } from '../../src/settings/index.ts';

const directory = import.meta.dirname;
const settingsOf = (environment: Environment) => readSettings(environment, directory);
const KEY = 'hcaik_01hqk4k20cjeh63wca8vva5stw70nft6m5n8wr8f5mjx3762s8269j50wc';

t.test('an empty environment gives the defaults of the specification', async (t) => {
  const settings = settingsOf({});
  t.match(settings, {
    disabled: false,
    service: { name: 'telemetry', version: /^\d+\.\d+\.\d+$/ },
    propagators: ['tracecontext', 'baggage'],
    sampler: { name: 'parentbased_always_on' },
    exporters: ['otlp'],
    honeycomb: undefined,
    spanLimits: { attributeCountLimit: 128, eventCountLimit: 128, linkCountLimit: 128 },
    fastifyLifecycle: false,
    leanHttpClient: false,
    stockExporter: false,
    pretenuring: false,
    dataDirectory: join(directory, '../../../../.data'),
  });
  t.equal(settings.spanLimits.attributeValueLengthLimit, Number.POSITIVE_INFINITY);
  t.strictSame(
    settings.destinations.map(({ name, url }) => ({ name, url })),
    [{ name: 'otlp', url: 'http://localhost:4318/v1/traces' }],
  );
});

t.test('a batch has up to 2048 spans, 512 with the stock exporter, never more than the queue', async (t) => {
  const sizeOf = (environment: Environment) => settingsOf(environment).batch.maxExportBatchSize;
  t.equal(sizeOf({}), 2048);
  t.equal(sizeOf({ TRACE_STOCK_EXPORTER: 'true' }), 512);
  t.equal(sizeOf({ OTEL_BSP_MAX_QUEUE_SIZE: '100' }), 100);
  t.equal(sizeOf({ TRACE_STOCK_EXPORTER: 'true', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '700' }), 700);
});

t.test('a blank value counts as unset, as compose files pass it on', async (t) => {
  const blank = Object.fromEntries(
    [
      'HONEYCOMB_API_KEY',
      'OTEL_SERVICE_NAME',
      'OTEL_TRACES_SAMPLER',
      'OTEL_SDK_DISABLED',
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'OTEL_BSP_MAX_QUEUE_SIZE',
    ].map((name) => [name, ' ']),
  );
  t.strictSame({ ...settingsOf(blank) }, { ...settingsOf({}) });
});

t.test('a malformed value is refused by the name of its variable', async (t) => {
  const cases: [Environment, RegExp][] = [
    [{ OTEL_SDK_DISABLED: 'yes' }, /^OTEL_SDK_DISABLED must be true or false, not "yes"/],
    [{ OTEL_CONFIG_FILE: 'otel.yaml' }, /^OTEL_CONFIG_FILE is not supported/],
    [{ OTEL_SERVICE_NAME: 'unknown_service' }, /^OTEL_SERVICE_NAME must name this service/],
    [{ OTEL_SERVICE_NAME: 'unknown_service:node' }, /^OTEL_SERVICE_NAME must name this service/],
    [
      { OTEL_RESOURCE_ATTRIBUTES: 'service.name=unknown_service' },
      /^OTEL_SERVICE_NAME must name this service/,
    ],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'a=1,b' }, /^OTEL_RESOURCE_ATTRIBUTES must be a list .* entry 2/],
    [
      { OTEL_RESOURCE_ATTRIBUTES: 'a=%zz' },
      /^OTEL_RESOURCE_ATTRIBUTES has a malformed percent-encoding in entry 1/,
    ],
    [
      { OTEL_TRACES_EXPORTER: 'zipkin' },
      /^OTEL_TRACES_EXPORTER must be none, or any of otlp, console; "zipkin"/,
    ],
    [{ OTEL_TRACES_EXPORTER: 'otlp,none' }, /^OTEL_TRACES_EXPORTER/],
    [{ OTEL_LOG_LEVEL: 'loud' }, /^OTEL_LOG_LEVEL must be one of none, error/],
    [
      { OTEL_BSP_MAX_QUEUE_SIZE: '0' },
      /^OTEL_BSP_MAX_QUEUE_SIZE must be a whole number of at least 1, not "0"/,
    ],
    [
      { OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '11' },
      /^OTEL_BSP_MAX_EXPORT_BATCH_SIZE must not be more/,
    ],
    [{ OTEL_BSP_SCHEDULE_DELAY: '-1' }, /^OTEL_BSP_SCHEDULE_DELAY/],
    [{ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: 'many' }, /^OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' }, /^OTEL_EXPORTER_OTLP_ENDPOINT must be a URL/],
    [
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'grpc://localhost' },
      /^OTEL_EXPORTER_OTLP_TRACES_ENDPOINT must be a URL/,
    ],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      /^OTEL_EXPORTER_OTLP_PROTOCOL must be http\/protobuf, not "grpc"/,
    ],
    [
      { OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '1s' },
      /^OTEL_EXPORTER_OTLP_TRACES_TIMEOUT must be a whole number/,
    ],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' }, /^OTEL_EXPORTER_OTLP_COMPRESSION must be one of none, gzip/],
    [
      { OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere.pem' },
      /^OTEL_EXPORTER_OTLP_CERTIFICATE must name a readable PEM file; .*ENOENT/,
    ],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'a b=c' }, /^OTEL_EXPORTER_OTLP_HEADERS names "a b"/],
    [
      { HONEYCOMB_API_ENDPOINT: 'api.honeycomb.io' },
      /^HONEYCOMB_API_ENDPOINT is not a URL that begins with https/,
    ],
    [{ TRACE_FASTIFY_LIFECYCLE: '1' }, /^TRACE_FASTIFY_LIFECYCLE must be true or false/],
    [{ TRACE_LEAN_HTTP_CLIENT: 'yes' }, /^TRACE_LEAN_HTTP_CLIENT must be true or false/],
    [{ TRACE_STOCK_EXPORTER: '0' }, /^TRACE_STOCK_EXPORTER must be true or false/],
    [{ TRACE_V8_PRETENURING: 'on' }, /^TRACE_V8_PRETENURING must be true or false/],
  ];
  for (const [environment, message] of cases) {
    t.throws(() => settingsOf(environment), { name: 'SettingsError', message }, JSON.stringify(environment));
  }
});

t.test('a key never appears in an error', async (t) => {
  const secrets: Environment[] = [
    { OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team=${KEY}%` },
    { OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team=${KEY}%0ax` },
  ];
  for (const environment of secrets) {
    try {
      settingsOf(environment);
      t.fail('accepted');
    } catch (error) {
      t.ok(error instanceof SettingsError);
      t.notMatch(String(error), KEY);
    }
  }
});

t.test(
  'the service is named by OTEL_SERVICE_NAME, then the resource attributes, then package.json',
  async (t) => {
    const attributes = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=from-attributes,service.version=9' };
    t.equal(settingsOf({ OTEL_SERVICE_NAME: 'by-name', ...attributes }).service.name, 'by-name');
    t.strictSame(settingsOf(attributes).service, { name: 'from-attributes', version: '9' });
    const folder = t.testdir({
      'package.json': JSON.stringify({ name: '@scope/mine', version: '1.2.3' }),
      deep: { er: {} },
    });
    t.strictSame(readSettings({}, join(folder, 'deep', 'er')).service, { name: 'mine', version: '1.2.3' });
  },
);

t.test('endpoints: the general one gets /v1/traces, the traces form is used as it is', async (t) => {
  const urlOf = (environment: Environment) => settingsOf(environment).destinations.map(({ url }) => url);
  t.strictSame(urlOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.example/base/' }), [
    'https://otlp.example/base/v1/traces',
  ]);
  t.strictSame(
    urlOf({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://a.example',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://b.example/in',
    }),
    ['https://b.example/in'],
  );
});

t.test('headers: percent-decoded, lower-cased, the traces form wins name by name', async (t) => {
  const [destination] = settingsOf({
    OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic%20YQ==,x-a=1',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'X-A=2',
  }).destinations;
  t.strictSame(destination?.headers, { authorization: 'Basic YQ==', 'x-a': '2' });
});

t.test('Honeycomb', async (t) => {
  const placesOf = (environment: Environment) =>
    settingsOf(environment).destinations.map(
      ({ name, url, headers }) => `${name} ${url} ${headers['x-honeycomb-team'] ?? '-'}`,
    );
  const honeycomb = `honeycomb https://api.honeycomb.io/v1/traces ${KEY}`;

  t.strictSame(placesOf({ HONEYCOMB_API_KEY: KEY }), [honeycomb], 'a key alone: Honeycomb alone');
  t.strictSame(
    placesOf({ HONEYCOMB_API_KEY: KEY, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }),
    ['otlp http://localhost:4318/v1/traces -', honeycomb],
    'a key and an endpoint: both',
  );
  t.strictSame(
    placesOf({
      HONEYCOMB_API_KEY: KEY,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://api.honeycomb.io',
      OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team=${KEY}`,
    }),
    [honeycomb],
    'the same place named twice is one',
  );
  t.strictSame(
    placesOf({
      HONEYCOMB_API_KEY: KEY,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://api.honeycomb.io:443/v1/traces',
    }),
    [honeycomb],
    'also without its header, and with the port written out',
  );
  t.strictSame(
    placesOf({ HONEYCOMB_API_KEY: 'your-api-key' }),
    ['otlp http://localhost:4318/v1/traces -'],
    'nothing is sent with what cannot be a key',
  );
  t.strictSame(
    placesOf({ HONEYCOMB_API_KEY: KEY, HONEYCOMB_API_ENDPOINT: 'https://api.eu1.honeycomb.io/' }),
    [`honeycomb https://api.eu1.honeycomb.io/v1/traces ${KEY}`],
    'the EU',
  );
  t.equal(
    settingsOf({ HONEYCOMB_API_KEY: 'a'.repeat(32), HONEYCOMB_DATASET: 'old' }).destinations[0]?.headers[
      'x-honeycomb-dataset'
    ],
    'old',
    'the dataset of classic keys',
  );
});

t.test('client certificate and key come from files and go together', async (t) => {
  const folder = t.testdir();
  const pem = join(folder, 'a.pem');
  writeFileSync(pem, '-----BEGIN CERTIFICATE-----\n');
  t.strictSame(
    settingsOf({
      OTEL_EXPORTER_OTLP_CERTIFICATE: pem,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: pem,
      OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: pem,
    }).destinations[0]?.tls,
    {
      ca: '-----BEGIN CERTIFICATE-----\n',
      cert: '-----BEGIN CERTIFICATE-----\n',
      key: '-----BEGIN CERTIFICATE-----\n',
    },
  );
  t.throws(() => settingsOf({ OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: pem }), {
    message: /^OTEL_EXPORTER_OTLP_CLIENT_KEY must be set too/,
  });
  writeFileSync(pem, 'not pem');
  t.throws(() => settingsOf({ OTEL_EXPORTER_OTLP_CERTIFICATE: pem }), { message: /has no -----BEGIN line/ });
});

t.test('settings are frozen', async (t) => {
  t.ok(Object.isFrozen(settingsOf({})));
});
