import { HONEYCOMB_EU, HONEYCOMB_US, honeycombBaseUrl } from '../secrets/honeycomb.ts';
import type { Variable } from './kinds.ts';
import * as is from './kinds.ts';
import { row } from './kinds.ts';
import type { Environment } from './reader.ts';
import { VariableReader } from './reader.ts';

const HTTP_URL = is.textThat('an http or https URL', (text) =>
  /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
);
const HEADERS = is.pairs(
  'a list key1=value1,key2=value2, values percent-encoded',
  () => true,
  (pairs) => Object.fromEntries(new Headers(pairs)),
);
const ATTRIBUTES = is.pairs(
  'a list key1=value1,key2=value2, with %3D for = and %2C for a comma in values',
  (value) => !value.includes('='),
);
const UNSET = is.textThat('left unset', () => false);
const NAME = is.textThat('a name', () => true);
const SOME = is.wholeNumber(1);

/**
 * Every variable that telemetry itself reads: our variables, and variables of the OpenTelemetry specification that the SDK
 * does not read. Samplers and limits read all other OTEL_* variables.
 *
 * Some defaults are not the specification's. A delay of 300 ms instead of 5 s (1 s for log records) shows a waterfall soon
 * after the request, and a killed process loses less than the last 500 ms.
 */
export const VARIABLES = {
  OTEL_SDK_DISABLED: row(is.FLAG, false, 'no spans at all; the context of callers goes on'),
  OTEL_SERVICE_NAME: row(
    is.textThat('a name of its own', (text) => !/^unknown_service(:|$)/.test(text)),
    undefined,
    "the service's name; default: that of package.json",
  ),
  OTEL_RESOURCE_ATTRIBUTES: row(ATTRIBUTES, {}, 'attributes of the resource'),
  OTEL_PROPAGATORS: row(
    is.anyOf(['tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'xray']),
    ['tracecontext', 'baggage'],
    'headers that carry the context',
  ),
  OTEL_TRACES_SAMPLER: row(
    is.textThat("a sampler of the SDK's, or (parentbased_)consistent_probability", () => true),
    'parentbased_always_on',
    'which traces the process records',
  ),
  OTEL_TRACES_SAMPLER_ARG: row(is.PROBABILITY, 1, 'the probability of a sampler that has one'),
  OTEL_TRACES_EXPORTER: row(is.anyOf(['otlp', 'console']), ['otlp'], 'where spans go'),
  OTEL_LOGS_EXPORTER: row(is.anyOf(['otlp']), ['otlp'], 'where log lines go beside standard output'),
  OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: row(
    is.oneOf(['logs', 'logs/dup']),
    undefined,
    'exceptions are log records in place of span events (`logs`), or both (`logs/dup`)',
  ),
  OTEL_LOG_LEVEL: row(
    is.oneOf(['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all']),
    'warn',
    'how much OpenTelemetry says about itself',
  ),
  OTEL_CONFIG_FILE: row(UNSET, undefined, 'the process reads no configuration file'),
  OTEL_EXPERIMENTAL_CONFIG_FILE: row(UNSET, undefined, 'the process reads no configuration file'),
  OTEL_BSP_MAX_QUEUE_SIZE: row(SOME, 32768, 'spans that wait in memory at most'),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: row(SOME, 512, 'spans in a batch at most, and never more than wait'),
  OTEL_BSP_SCHEDULE_DELAY: row(is.wholeNumber(0), 300, 'milliseconds until a batch goes out'),
  OTEL_BSP_EXPORT_TIMEOUT: row(SOME, 30_000, 'milliseconds that an export may take'),
  OTEL_BLRP_MAX_QUEUE_SIZE: row(SOME, 32768, 'the same for log lines'),
  OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: row(SOME, 512, 'the same for log lines'),
  OTEL_BLRP_SCHEDULE_DELAY: row(is.wholeNumber(0), 300, 'the same for log lines'),
  OTEL_BLRP_EXPORT_TIMEOUT: row(SOME, 30_000, 'the same for log lines'),
  HONEYCOMB_API_KEY: row(
    {
      ...is.textThat('22 to 128 letters, digits and _', (text) => /^[\w-]{22,128}$/.test(text)),
      isSecret: true,
    },
    undefined,
    'set: spans and log lines go to Honeycomb, and to http://localhost:4318 only if OTEL_EXPORTER_OTLP_ENDPOINT says so',
  ),
  HONEYCOMB_API_ENDPOINT: row(
    { type: `${HONEYCOMB_US} (US), ${HONEYCOMB_EU} (EU) or a proxy's URL`, parse: honeycombBaseUrl },
    undefined,
    "Honeycomb's API; default: that of the US",
  ),
  HONEYCOMB_DATASET: row(NAME, undefined, 'the dataset of a classic key'),
  TRACE_FASTIFY_LIFECYCLE: row(is.FLAG, false, "a span for each of Fastify's hooks and handlers as well"),
  TRACE_CODE_LOCATIONS: row(
    is.FLAG_OR_FOLDER,
    false,
    'spans name the file, line and function of the app that made the call, by paths from this folder; true: from the working directory',
  ),
  TRACE_CONSOLE: row(
    is.FLAG,
    false,
    'lines of `console` are log records of the active span; `run` sets it, and false stays false',
  ),
  TRACE_INJECTED_CHANNELS: row(
    is.FLAG,
    true,
    'libraries that publish nothing get tracing channels while Node loads them; under `run` and `./register`',
  ),
  TRACE_BROWSER: row(
    is.FLAG,
    true,
    'what pages of Chromium request from this machine belongs to the test of Playwright that opened them',
  ),
  TRACE_STATEMENT_PLANS: row(
    is.FLAG,
    false,
    'a SELECT of `node:sqlite` that takes 20 ms or more says which tables it reads row by row; `run` sets it, and false stays false',
  ),
  TRACE_LEAN: row(is.FLAG, false, 'spans and their encoding by the cheap engine'),
  TRACE_WAITS: row(
    is.FLAG,
    true,
    'spans say how long their process stood still, and how long their call waited for a connection',
  ),
  TRACE_BAGGAGE_ATTRIBUTES: row(is.LIST, [], 'baggage that becomes attributes of every span of its trace'),
  TRACE_REDACT_ATTRIBUTES: row(
    is.LIST,
    [],
    'attributes whose values become REDACTED before export; user.* too',
  ),
  DATA_DIR: row(
    is.textThat('a folder', () => true),
    '.data',
    'where unsent spans and log lines wait',
  ),
  LOG_LEVEL: row(
    is.oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    'info',
    'how much the process says',
  ),
  NODE_ENV: row(NAME, undefined, 'deployment.environment.name where OTEL_RESOURCE_ATTRIBUTES has none'),
  ...formsOf(
    'ENDPOINT',
    row(
      HTTP_URL,
      undefined,
      'where spans and log lines go; default http://localhost:4318; the form for one signal is used as it is',
    ),
  ),
  ...formsOf('HEADERS', row(HEADERS, undefined, 'headers of exports')),
  ...formsOf('TIMEOUT', row(SOME, undefined, 'milliseconds that one request may take; default 10000')),
  ...formsOf(
    'COMPRESSION',
    row(is.oneOf(['gzip', 'none']), undefined, 'of requests; default none, for Honeycomb gzip'),
  ),
  ...formsOf('CERTIFICATE', row(is.FILE, undefined, 'certificates in PEM to check servers with')),
  ...formsOf('CLIENT_CERTIFICATE', row(is.FILE, undefined, 'the certificate in PEM of this process')),
  ...formsOf('CLIENT_KEY', row(is.FILE, undefined, 'the private key in PEM of CLIENT_CERTIFICATE')),
  ...formsOf('PROTOCOL', row(is.oneOf(['http/protobuf']), 'http/protobuf', 'the protocol of exports')),
} as const;

/** Reads telemetry's own variables. */
export class SettingsReader extends VariableReader<typeof VARIABLES> {
  constructor(environment: Environment) {
    super(VARIABLES, environment);
  }
}

/** The forms of an exporter's variable: for both signals, for spans, and for log records. */
function formsOf<N extends string, T>(name: N, variable: Variable<T>) {
  const forms = ['', 'TRACES_', 'LOGS_'] as const;
  const entries = forms.map((form) => [`OTEL_EXPORTER_OTLP_${form}${name}`, variable]);
  return Object.fromEntries(entries) as Record<
    `OTEL_EXPORTER_OTLP_${(typeof forms)[number]}${N}`,
    Variable<T>
  >;
}
