import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import type { Test } from 'tap';
import t from 'tap';
import { withSpan } from '../src/index.ts';
import type { Environment } from '../src/process/settings/reader.ts';
import { startReceiver } from './receiver.ts';
import { temporaryDirectory } from './road/delivery/harness.ts';
import { startIn } from './start-in.ts';

// What telemetry says about its settings is what arrives at a real socket: one reader of the variables, and no key in a line.

const KEY = 'k3yThatNobodyMaySee';
const FIXTURES = join(import.meta.dirname, 'fixtures');
const CERTIFICATE = join(FIXTURES, 'self-signed.cert.pem');
const PRIVATE_KEY = join(FIXTURES, 'self-signed.key.pem');
const receiver = await startReceiver(t);
const { url } = receiver;
const GENERAL = { OTEL_EXPORTER_OTLP_ENDPOINT: url };

interface Effect {
  /** Where spans arrive; default: at the receiver. */
  readonly place?: 'nowhere';
  /** The sent headers that a variable named. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly encoding?: 'gzip';
  /** The attributes of the resource that a variable named. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** A warning names the variable. */
  readonly isRefused?: boolean;
}

type Case = readonly [environment: Record<string, string>, effect: Effect];

const refused = { isRefused: true } as const;

/** Values of each list of headers: legal and malformed forms. */
const HEADERS: readonly (readonly [value: string, effect: Effect])[] = [
  [`x-api-key=${KEY}==`, { headers: { 'x-api-key': `${KEY}==` } }],
  [` x-a = 1 , x-b=b%20c `, { headers: { 'x-a': '1', 'x-b': 'b c' } }],
  ['x-a=1;x-b', { headers: { 'x-a': '1;x-b' } }],
  [`x-api-key: ${KEY}==`, refused],
  [`x-api-key:${KEY}`, refused],
  [`x-b=ok,x-api-key: ${KEY}==`, refused],
  [`x-api-key=${KEY}%,x-b=ok`, refused],
  [`x-api-key=${KEY}%0ax,x-b=ok`, refused],
  [`"x-api-key=${KEY},x-b=ok"`, refused],
  [`'x-api-key=${KEY}'`, refused],
  [`x api key=${KEY}`, refused],
  [`x-b=ok,${KEY}`, refused],
  [`=${KEY}`, refused],
];

/** Values of OTEL_RESOURCE_ATTRIBUTES. */
const ATTRIBUTES: typeof HEADERS = [
  ['k1=a,k2=b%3Dc', { attributes: { k1: 'a', k2: 'b=c' } }],
  [' k1 = a ,', { attributes: { k1: 'a' } }],
  [`k1=${'x'.repeat(300)}`, { attributes: { k1: 'x'.repeat(300) } }],
  ['k1=a;b', { attributes: { k1: 'a;b' } }],
  ['k1=a=b', refused],
  [`k1=a;k2=${KEY}`, refused],
  [`"k1=${KEY}"`, refused],
  [`k1=${KEY}%`, refused],
  [`k1=a,${KEY}`, refused],
];

/** Values of both endpoints: `TRACES` is used as it is, and the general one gets the path. */
const endpoints = (path: string): typeof HEADERS => [
  [`${url}${path} `, {}],
  [`\t${url}${path}`, {}],
  [`"${url}${path}"`, { ...refused, place: 'nowhere' }],
  [`${url.slice('http://'.length)}${path}`, { ...refused, place: 'nowhere' }],
  [`grpc://user:${KEY}@127.0.0.1:${receiver.port}${path}`, { ...refused, place: 'nowhere' }],
  [`grpc://user:a ${KEY}@127.0.0.1:${receiver.port}${path}`, { ...refused, place: 'nowhere' }],
  [`http//user:${KEY}@127.0.0.1:${receiver.port}${path}`, { ...refused, place: 'nowhere' }],
];

const casesOf = (variable: string, values: typeof HEADERS, beside: Record<string, string> = GENERAL) =>
  values.map(([value, effect]): Case => [{ ...beside, [variable]: value }, effect]);

const CASES: readonly Case[] = [
  ...casesOf('OTEL_EXPORTER_OTLP_HEADERS', HEADERS),
  ...casesOf('OTEL_EXPORTER_OTLP_TRACES_HEADERS', HEADERS),
  ...casesOf('OTEL_RESOURCE_ATTRIBUTES', ATTRIBUTES),
  ...casesOf('OTEL_EXPORTER_OTLP_ENDPOINT', endpoints(''), {}),
  ...casesOf('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', endpoints('/v1/traces'), {}),
  ...['', 'TRACES_'].flatMap((form) => [
    ...casesOf(`OTEL_EXPORTER_OTLP_${form}COMPRESSION`, [
      [' gzip ', { encoding: 'gzip' }],
      ['GZIP', { encoding: 'gzip' }],
      ['none', {}],
      ['"gzip"', refused],
      ['zstd', refused],
    ]),
    ...casesOf(`OTEL_EXPORTER_OTLP_${form}TIMEOUT`, [
      [' 5000 ', {}],
      ['5s', refused],
      ['0', refused],
      ['"5000"', refused],
    ]),
    ...casesOf(`OTEL_EXPORTER_OTLP_${form}CERTIFICATE`, [[`/nowhere/${KEY}`, refused]]),
    ...casesOf(`OTEL_EXPORTER_OTLP_${form}CLIENT_CERTIFICATE`, [['/nowhere/cert.pem', refused]]),
    ...casesOf(`OTEL_EXPORTER_OTLP_${form}CLIENT_KEY`, [['"/nowhere/key.pem"', refused]]),
  ]),
];

/** Headers of every request. */
const USUAL =
  /^(?:accept-encoding|connection|content-(?:encoding|length|type)|host|transfer-encoding|user-agent)$/;

/** Starts telemetry in this environment, makes a span, and stops. Returns all lines, also those of the SDK. */
async function traceIn(t: Test, environment: Environment) {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const dataDirectory = temporaryDirectory(t);
  const telemetry = startIn(
    { DATA_DIR: dataDirectory, OTEL_LOG_LEVEL: 'debug', OTEL_BSP_EXPORT_TIMEOUT: '700', ...environment },
    { log, directory: import.meta.dirname },
  );
  withSpan('sent', {}, () => {});
  await telemetry.flush();
  await telemetry.shutdown();
  return { settings: telemetry.settings, lines, dataDirectory };
}

for (const [environment, effect] of CASES) {
  const [variable = '', value] = Object.entries(environment).at(-1) ?? [];
  t.test(`${variable}=${value?.replaceAll(url, 'URL').slice(0, 60)}`, async (t) => {
    receiver.reset();
    const { settings, lines, dataDirectory } = await traceIn(t, environment);
    const all = lines.join('');

    const announced = lines.map((line) => JSON.parse(line)).find(({ event }) => event === 'telemetry.self');
    const places = effect.place === 'nowhere' ? [] : [receiver.tracesUrl];
    t.strictSame(announced?.telemetry.spans, places, 'the announced place');
    t.equal(receiver.requests.length, places.length, 'is where spans arrive');

    for (const { headers } of receiver.requests) {
      const named = Object.fromEntries(Object.entries(headers).filter(([name]) => !USUAL.test(name)));
      t.strictSame(named, effect.headers ?? {}, 'the headers that the variable names');
      t.strictSame(named, { ...settings.destinations[0]?.headers }, 'are those of the settings');
      t.equal(headers['content-encoding'], effect.encoding);
    }
    for (const { resource } of receiver.spans()) {
      const named = Object.fromEntries(Object.entries(resource).filter(([name]) => /^\W*k\d/.test(name)));
      t.strictSame(named, effect.attributes ?? {}, 'the attributes that the variable names');
    }

    const warnings = settings.warnings.filter((warning) => warning.startsWith(`${variable} must `));
    t.equal(warnings.length, effect.isRefused ? 1 : 0, 'what is refused is said once');
    for (const warning of warnings) t.ok(all.includes(JSON.stringify(warning).slice(1, -1)), 'in a line');
    t.notOk(all.includes(KEY), 'no line has the key');
    const records = receiver.logRequests.map(({ body }) => Buffer.from(body).toString('latin1'));
    t.notOk(records.join().includes(KEY), 'no log record has the key');
    t.notOk(spooled(dataDirectory).includes(KEY), 'no waiting file has the key');
  });
}

t.test('certificates of the variables reach the exporter', async (t) => {
  const [cert, key] = [CERTIFICATE, PRIVATE_KEY].map((file) => readFileSync(file));
  const backend = await startReceiver(
    t,
    { status: 200 },
    { tls: { cert, key, ca: cert, requestCert: true } },
  );
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: backend.url.replace('127.0.0.1', 'localhost'),
    OTEL_EXPORTER_OTLP_CERTIFICATE: ` ${CERTIFICATE} `,
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/nowhere/cert.pem',
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: CERTIFICATE,
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: PRIVATE_KEY,
    OTEL_LOGS_EXPORTER: 'none',
  };
  await traceIn(t, environment);
  t.strictSame(backend.accepted, ['sent']);
});

/** The content of all waiting files. */
function spooled(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')).join();
}
