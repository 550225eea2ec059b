import t from 'tap';
import { examineSettings } from '../../src/doctor/index.ts';

const SERVICE = { OTEL_SERVICE_NAME: 'orders' };

/** Findings that are no `ok`, as `level what → fix`. */
function remarks(environment: Readonly<Record<string, string>>): string[] {
  const { findings } = examineSettings({ ...SERVICE, ...environment });
  return findings
    .filter(({ level }) => level !== 'ok')
    .map(({ level, what, fix }) => `${level} ${what} → ${fix}`);
}

t.test('defaults: the settings in effect and the propagators, and nothing to do', async (t) => {
  const { findings, settings } = examineSettings(SERVICE);
  t.match(findings, [
    { check: 'settings', level: 'ok', what: /spans go to http:\/\/localhost:4318\/v1\/traces/ },
    { check: 'propagators', level: 'ok', what: 'tracecontext, baggage.' },
  ]);
  t.equal(findings.length, 2);
  t.equal(settings?.service.name, 'orders');
});

for (const [name, environment, expected] of [
  [
    'a value of our own variables that cannot be',
    { TRACE_FASTIFY_LIFECYCLE: 'yes' },
    /^warning TRACE_FASTIFY_LIFECYCLE must be true or false, not "yes"\. .* → Correct or unset TRACE_FASTIFY_LIFECYCLE\.$/,
  ],
  [
    'a value of OTEL_* that is not followed',
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    /^warning OTEL_EXPORTER_OTLP_PROTOCOL must be http\/protobuf, not "grpc"\. .* → Correct or unset OTEL_EXPORTER_OTLP_PROTOCOL\.$/,
  ],
  [
    'two variables for one thing',
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://localhost:4318/v1/traces',
    },
    /^note OTEL_EXPORTER_OTLP_TRACES_ENDPOINT counts, and OTEL_EXPORTER_OTLP_ENDPOINT does not\. → /,
  ],
  [
    'no spans',
    { OTEL_SDK_DISABLED: 'true' },
    /^problem OTEL_SDK_DISABLED=true.* → Unset OTEL_SDK_DISABLED\.$/,
  ],
  ['no exporter', { OTEL_TRACES_EXPORTER: 'console' }, /^problem OTEL_TRACES_EXPORTER has no otlp/],
  [
    'a sampler that keeps nothing',
    { OTEL_TRACES_SAMPLER: 'parentbased_always_off' },
    /^problem OTEL_TRACES_SAMPLER=parentbased_always_off/,
  ],
  [
    'a sampler that keeps a part',
    { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' },
    /^note traceidratio 0\.1: a request without a trace/,
  ],
  [
    'no traceparent',
    { OTEL_PROPAGATORS: 'b3' },
    /^warning b3\. traceparent is neither read nor sent.* → OTEL_PROPAGATORS=tracecontext,baggage,b3$/,
  ],
  [
    'no baggage',
    { OTEL_PROPAGATORS: 'tracecontext' },
    /^note .*Baggage.* → OTEL_PROPAGATORS=baggage,tracecontext$/,
  ],
  ['no context at all', { OTEL_PROPAGATORS: 'none' }, /^warning none: .*traceparent is neither/],
] as const) {
  t.test(`${name}: one finding, with its fix`, async (t) => {
    t.match(remarks(environment), [expected]);
    t.equal(remarks(environment).length, 1);
  });
}

t.test('a key in headers or a URL is in no finding', async (t) => {
  const key = `hcaik_${'s3cr3tabcd'.repeat(6).slice(0, 58)}`;
  const { findings } = examineSettings({
    ...SERVICE,
    OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team=${key}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: `https://user:${key}@collector.example/?token=${key}`,
  });
  t.match(JSON.stringify(findings), 'x-honeycomb-team', 'the header is named');
  t.notMatch(JSON.stringify(findings), key);
});
