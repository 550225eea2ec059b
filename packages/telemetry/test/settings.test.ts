import { join } from 'node:path';
import t from 'tap';
import { readSettings } from '../src/process/settings/index.ts';
import type { Environment } from '../src/process/settings/reader.ts';

const directory = import.meta.dirname;
const settingsOf = (environment: Environment) => readSettings(environment, { directory });
const KEY = 'hcaik_01hqk4k20cjeh63wca8vva5stw70nft6m5n8wr8f5mjx3762s8269j50wc';

t.test('an empty environment gives the defaults', async (t) => {
  const settings = settingsOf({});
  t.match(settings, {
    disabled: false,
    service: { name: 'telemetry', version: /^\d+\.\d+\.\d+$/ },
    propagators: ['tracecontext', 'baggage'],
    exporters: ['otlp'],
    fastifyLifecycle: false,
    console: false,
    lean: false,
    baggageAttributes: [],
    redactAttributes: [],
    dataDirectory: join(directory, '.data'),
  });
  t.strictSame(
    settings.destinations.map(({ name, url }) => ({ name, url })),
    [{ name: 'otlp', url: 'http://localhost:4318/v1/traces' }],
  );
});

t.test("the host's defaults hold where a variable is not set", async (t) => {
  const defaults = { directory, baseDirectory: '/srv', baggageAttributes: ['user.id'] };
  t.match(readSettings({}, defaults), {
    dataDirectory: '/srv/.data',
    baggageAttributes: ['user.id'],
  });
  const environment = {
    DATA_DIR: 'spans',
    TRACE_BAGGAGE_ATTRIBUTES: 'tandem.scenario, user.id',
  };
  t.match(readSettings(environment, defaults), {
    dataDirectory: '/srv/spans',
    baggageAttributes: ['user.id', 'tandem.scenario'],
  });
  t.equal(readSettings({ DATA_DIR: '/elsewhere' }, defaults).dataDirectory, '/elsewhere');
});

t.test('OTEL_LOG_LEVEL=error and none also count for telemetry, whatever LOG_LEVEL says', async (t) => {
  const levelOf = (OTEL_LOG_LEVEL: string) =>
    settingsOf({ OTEL_LOG_LEVEL, LOG_LEVEL: 'debug' }).serviceLogLevel;
  t.strictSame(['error', 'none', 'warn'].map(levelOf), ['error', 'silent', 'debug']);
});

t.test('a batch has up to 512 spans, never more than the queue', async (t) => {
  const sizeOf = (environment: Environment) => settingsOf(environment).batch.maxExportBatchSize;
  t.equal(sizeOf({}), 512);
  t.equal(sizeOf({ OTEL_BSP_MAX_QUEUE_SIZE: '100' }), 100);
});

t.test('variables of log records count more than variables of all signals', async (t) => {
  const { logs, batch, destinations, warnings } = settingsOf({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all:4318',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-of=all',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://logs:4318/lines',
    OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'x-of=logs',
    OTEL_BLRP_MAX_QUEUE_SIZE: '900',
    OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '90',
    OTEL_BLRP_SCHEDULE_DELAY: '40',
    OTEL_BLRP_EXPORT_TIMEOUT: '5000',
  });
  t.strictSame(warnings, []);
  t.match(logs.destinations, [{ url: 'http://logs:4318/lines', headers: { 'x-of': 'logs' } }]);
  t.match(logs.batch, {
    maxQueueSize: 900,
    maxExportBatchSize: 90,
    scheduleDelayMs: 40,
    exportTimeoutMs: 5000,
  });
  t.match(destinations, [
    {
      url: 'http://all:4318/v1/traces',
      headers: { 'x-of': 'all' },
    },
  ]);
  t.strictSame(batch, settingsOf({}).batch, 'batches of spans are as without them');

  t.match(settingsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all:4318' }).logs.destinations, [
    { url: 'http://all:4318/v1/logs' },
  ]);
  const honeycomb = settingsOf({ HONEYCOMB_API_KEY: KEY });
  t.match(honeycomb.logs.destinations, [{ url: 'https://api.honeycomb.io/v1/logs' }]);
  t.strictSame(
    honeycomb.logs.destinations.map(({ headers }) => headers),
    honeycomb.destinations.map(({ headers }) => headers),
    'the same key, and so the same dataset by the service',
  );
});

t.test(
  'with OTEL_TRACES_EXPORTER=console and no endpoint, no log lines are sent to the default endpoint',
  async (t) => {
    const console = { OTEL_TRACES_EXPORTER: 'console' };
    t.strictSame(settingsOf(console).logs.exporters, []);
    t.strictSame(settingsOf(console).logs.destinations, []);
    t.strictSame(settingsOf({ ...console, OTEL_LOGS_EXPORTER: 'otlp' }).logs.exporters, ['otlp']);
    for (const variable of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'])
      t.strictSame(
        settingsOf({ ...console, [variable]: 'http://all:4318' }).logs.exporters,
        ['otlp'],
        variable,
      );
    t.strictSame(settingsOf({ OTEL_TRACES_EXPORTER: 'console,otlp' }).logs.exporters, ['otlp']);
  },
);

t.test('a blank value counts as unset: compose files pass blank values on', async (t) => {
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

type Unfollowed = readonly [environment: Environment, warning: string];

const leftOut = (variable: string, value: string, must: string): Unfollowed => [
  { [variable]: value },
  `${variable} must be ${must}, not "${value}". It is left out.`,
];
const replaced = (variable: string, value: string, must: string, instead: string): Unfollowed => [
  { [variable]: value },
  `${variable} must be ${must}, not "${value}". ${instead} is used instead.`,
];

const { logs: LOGS } = settingsOf({});
const NOWHERE = { destinations: [], logs: { ...LOGS, destinations: [] } };
const ONLY_TRACES_NOWHERE = { ...NOWHERE, logs: { ...LOGS, exporters: [], destinations: [] } };
const HONEYCOMB = "https://api.honeycomb.io (US), https://api.eu1.honeycomb.io (EU) or a proxy's URL";
const BOOLEAN = 'true or false';
const LIST = 'a list key1=value1,key2=value2, values percent-encoded';
const ATTRIBUTES = 'a list key1=value1,key2=value2, with %3D for = and %2C for a comma in values';
const QUOTED = ', without quotes around it';
const PROPAGATORS = 'any of tracecontext, baggage, b3, b3multi, jaeger, xray; or none';
const EXPORTERS = 'any of otlp, console; or none';
const LEVELS = 'one of fatal, error, warn, info, debug, trace, silent';
const OTEL_LEVELS = 'one of none, error, warn, info, debug, verbose, all';
const URL = 'an http or https URL';

const UNFOLLOWED: readonly Unfollowed[] = [
  leftOut('HONEYCOMB_API_ENDPOINT', 'api.honeycomb.io', HONEYCOMB),
  [
    { HONEYCOMB_API_KEY: 'your-api-key' },
    'HONEYCOMB_API_KEY must be 22 to 128 letters, digits and _. It is left out.',
  ],
  replaced('TRACE_FASTIFY_LIFECYCLE', '1', BOOLEAN, 'false'),
  replaced('TRACE_CONSOLE', 'yes', BOOLEAN, 'false'),
  replaced('TRACE_LEAN', 'yes', BOOLEAN, 'false'),
  replaced('LOG_LEVEL', 'loud', LEVELS, 'info'),
  replaced('OTEL_SDK_DISABLED', '1', BOOLEAN, 'false'),
  leftOut('OTEL_CONFIG_FILE', 'otel.yaml', 'left unset'),
  leftOut('OTEL_EXPERIMENTAL_CONFIG_FILE', 'otel.yaml', 'left unset'),
  leftOut('OTEL_SERVICE_NAME', 'unknown_service:node', 'a name of its own'),
  ...['a=1,b', 'a=%zz', 'a=b=c', '"a=1"'].map(
    (value): Unfollowed => [
      { OTEL_RESOURCE_ATTRIBUTES: value },
      `OTEL_RESOURCE_ATTRIBUTES must be ${ATTRIBUTES}${value.startsWith('"') ? QUOTED : ''}. It is left out.`,
    ],
  ),
  [
    { OTEL_SERVICE_NAME: "'orders'" },
    `OTEL_SERVICE_NAME must be a name of its own${QUOTED}, not "'orders'". It is left out.`,
  ],
  replaced('OTEL_TRACES_EXPORTER', 'zipkin', EXPORTERS, 'otlp'),
  replaced('OTEL_LOGS_EXPORTER', 'console', 'any of otlp; or none', 'otlp'),
  replaced('OTEL_TRACES_EXPORTER', 'console,zipkin', EXPORTERS, 'otlp'),
  replaced('OTEL_TRACES_EXPORTER', 'otlp,none', EXPORTERS, 'otlp'),
  replaced('OTEL_PROPAGATORS', 'pigeon', PROPAGATORS, 'tracecontext,baggage'),
  replaced('OTEL_PROPAGATORS', 'b3,ottrace', PROPAGATORS, 'tracecontext,baggage'),
  replaced('OTEL_LOG_LEVEL', 'loud', OTEL_LEVELS, 'warn'),
  replaced('OTEL_BSP_MAX_QUEUE_SIZE', '0', 'a whole number of at least 1', '32768'),
  replaced('OTEL_BSP_SCHEDULE_DELAY', '-1', 'a whole number of at least 0', '300'),
  leftOut('OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318', URL),
  leftOut('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'grpc://localhost', URL),
  replaced('OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'one of http/protobuf', 'http/protobuf'),
  replaced('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http/json', 'one of http/protobuf', 'http/protobuf'),
  [{ OTEL_EXPORTER_OTLP_HEADERS: 'a b=c' }, `OTEL_EXPORTER_OTLP_HEADERS must be ${LIST}. It is left out.`],
];

/** What else a value changes. */
const OTHERWISE: Readonly<Record<string, object>> = {
  OTEL_EXPORTER_OTLP_ENDPOINT: NOWHERE,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ONLY_TRACES_NOWHERE,
};

t.test('a value that cannot be followed is a warning that names the value used instead', async (t) => {
  const { warnings: none, sources: _, ...usual } = settingsOf({});
  t.strictSame(none, []);
  for (const [environment, warning] of UNFOLLOWED) {
    const { warnings, sources, ...settings } = settingsOf(environment);
    const [variable = ''] = Object.keys(environment);
    t.strictSame(warnings, [warning]);
    t.strictSame({ ...settings }, { ...usual, ...OTHERWISE[variable] }, `${warning} The rest is as usual.`);
    t.strictSame(sources, [variable], `${variable} is named as set`);
  }
});

t.test('a name of unknown_service gives way to the next name', async (t) => {
  const attributes = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=mine' };
  t.equal(settingsOf({ OTEL_SERVICE_NAME: 'unknown_service', ...attributes }).service.name, 'mine');
  const unnamed = readSettings({ OTEL_SERVICE_NAME: 'unknown_service' }, { directory: '/' });
  t.equal(unnamed.service.name, 'unknown_service:node');
  t.match(unnamed.warnings.at(-1), /^Set OTEL_SERVICE_NAME: no package\.json above /);
});

t.test('a package.json that --permission refuses is told apart from one that is absent', async (t) => {
  t.teardown(() => Reflect.deleteProperty(process, 'permission'));
  Object.defineProperty(process, 'permission', { configurable: true, value: { has: () => false } });
  const { warnings } = readSettings({}, { directory: '/' });
  t.match(warnings.at(-1), /^Set OTEL_SERVICE_NAME: --permission keeps this process from /);
});

t.test('credentials for a place that cannot be read go nowhere else', async (t) => {
  const malformed = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'api.honeycomb.io',
    OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team=${KEY}`,
  };
  t.strictSame(settingsOf(malformed).destinations, []);
  const beside = settingsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318', HONEYCOMB_API_KEY: KEY });
  t.match(beside.destinations, [{ name: 'honeycomb' }]);
  t.equal(beside.destinations.length, 1);
});

t.test(
  'a probability of a consistent sampler that cannot be read keeps everything, with a warning',
  async (t) => {
    for (const text of ['0.1;GET /orders=0.01', '10%', '1.5', '-0.1', '0,5', '0x1']) {
      const environment = { OTEL_TRACES_SAMPLER: 'consistent_probability', OTEL_TRACES_SAMPLER_ARG: text };
      const { warnings, consistentSampler } = settingsOf(environment);
      t.match(warnings, [/^OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, .* 1 is used instead\.$/]);
      t.strictSame(consistentSampler, { probability: 1, parentBased: false });
    }
  },
);

t.test('the names of propagators: duplicates, case and blanks do not matter', async (t) => {
  t.strictSame(
    settingsOf({ OTEL_PROPAGATORS: 'tracecontext, TraceContext ,baggage,tracecontext' }).propagators,
    ['tracecontext', 'baggage'],
  );
  t.strictSame(settingsOf({ OTEL_PROPAGATORS: 'none' }).propagators, []);
});

t.test('a variable of OpenTelemetry that looks honoured and is not has a warning', async (t) => {
  for (const [name, value] of Object.entries({
    OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http,undici',
    OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'pg',
    OTEL_NODE_RESOURCE_DETECTORS: 'all',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    OTEL_EXPORTER_JAEGER_ENDPOINT: 'http://jaeger:14268',
    OTEL_EXPORTER_ZIPKIN_ENDPOINT: 'http://zipkin:9411',
    OTEL_EXPORTER_OTLP_INSECURE: 'true',
    OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '3',
    OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '3',
    OTEL_SEMCONV_STABILITY_OPT_IN: 'http/dup',
  })) {
    const { warnings } = settingsOf({ [name]: value });
    t.equal(warnings.length, 1, name);
    t.match(warnings[0], new RegExp(`^${name} is `));
  }
});

t.test('a variable that is followed, or not of OpenTelemetry, has none', async (t) => {
  const environment = {
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_NODE_RESOURCE_DETECTORS: 'none',
    OTEL_NODE_DISABLED_INSTRUMENTATIONS: '',
    OTEL_SEMCONV_STABILITY_OPT_IN: 'http,database',
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '5',
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://localhost:4318/v1/metrics', // a meter provider of the service reads it
    OTEL_DENO: 'true',
    OTEL_PYTHON_LOG_CORRELATION: 'true',
    OTEL_COLLECTOR_SERVICE_HOST: '10.0.0.7', // Kubernetes names it after a service
    OTEL_NODE_IP: '10.0.0.1',
  };
  t.strictSame(settingsOf(environment).warnings, []);
});

t.test('neither keys nor passwords appear in warnings', async (t) => {
  const secret = 'hunter2secret';
  const environments: Environment[] = [
    { OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team=${KEY}%` },
    { OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team=${KEY}%0ax` },
    { OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team:${KEY}` },
    { OTEL_EXPORTER_OTLP_HEADERS: `authorization: Basic ${secret}==` },
    { OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team:${KEY},x-other=1` },
    { OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team: ${secret}=,x-other=1` },
    { OTEL_EXPORTER_OTLP_TRACES_HEADERS: `authorization=Bearer ${secret}%0ax` },
    { OTEL_EXPORTER_OTLP_ENDPOINT: `htps://user:${secret}@collector:4318` },
    { OTEL_EXPORTER_OTLP_ENDPOINT: `user:${secret}@collector:4318` },
    { OTEL_EXPORTER_OTLP_ENDPOINT: `htps://user:@/?${secret}@collector` },
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `collector:4318/in?token=${secret}` },
    { OTEL_EXPORTER_OTLP_ENDPOINT: `collector:4318/${secret}0123456789/in` },
    { OTEL_EXPORTER_OTLP_ENDPOINT: `x-honeycomb-team=${KEY}` },
    { OTEL_EXPORTER_OTLP_PROTOCOL: KEY },
    { OTEL_TRACES_EXPORTER: `https://user:${secret}@collector` },
    {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'collector:4318',
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://user:${secret}@collector`,
    },
  ];
  for (const environment of environments) {
    const { warnings } = settingsOf(environment);
    t.equal(warnings.length, 1, JSON.stringify(environment));
    t.notMatch(warnings.join(), secret);
    t.notMatch(warnings.join(), KEY);
  }
  t.match(settingsOf({ TRACE_FASTIFY_LIFECYCLE: KEY }).warnings, [/not "REDACTED"/]);
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
    t.strictSame(readSettings({}, { directory: join(folder, 'deep', 'er') }).service, {
      name: 'mine',
      version: '1.2.3',
    });
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
  const otlp = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' };
  const byHand = { OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team=${KEY}` };
  const OTLP = 'otlp http://localhost:4318/v1/traces -';
  const US = `honeycomb https://api.honeycomb.io/v1/traces ${KEY}`;
  const EU = US.replace('api', 'api.eu1');
  for (const [what, environment, places] of [
    ['a key alone: Honeycomb alone', {}, [US]],
    ['a key and an endpoint: both', otlp, [OTLP, US]],
    [
      'the same place named twice is one',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://api.honeycomb.io', ...byHand },
      [US],
    ],
    [
      'also without its header, and with the port written out',
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://api.honeycomb.io:443/v1/traces' },
      [US],
    ],
    ['the EU', { HONEYCOMB_API_ENDPOINT: 'https://api.eu1.honeycomb.io/' }, [EU]],
    [
      'of a misspelt endpoint nothing goes to the US',
      { HONEYCOMB_API_ENDPOINT: 'api.eu1.honeycomb.io' },
      [OTLP],
    ],
  ] as const) {
    const { destinations } = settingsOf({ HONEYCOMB_API_KEY: KEY, ...environment });
    const found = destinations.map(
      ({ name, url, headers }) => `${name} ${url} ${headers['x-honeycomb-team'] ?? '-'}`,
    );
    t.strictSame(found, places, what);
  }
  const classic = settingsOf({ HONEYCOMB_API_KEY: 'a'.repeat(32), HONEYCOMB_DATASET: 'old' });
  t.match(
    classic.destinations,
    [{ headers: { 'x-honeycomb-dataset': 'old' } }],
    'the dataset of classic keys',
  );
});

t.test('settings are frozen', async (t) => {
  t.ok(Object.isFrozen(settingsOf({})));
});
