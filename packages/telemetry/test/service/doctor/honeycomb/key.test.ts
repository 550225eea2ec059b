import t from 'tap';
import {
  describeMalformedKey,
  findKey,
  honeycombHeaders,
  isClassicForm,
  parseHoneycombEndpoint,
  parseHoneycombKey,
} from '../../../../src/service/doctor/honeycomb/index.ts';
import { CLASSIC_INGEST_KEY, CLASSIC_KEY, CONFIGURATION_KEY, INGEST_KEY } from './fake-honeycomb.ts';

const forms = [
  ['environment-ingest', INGEST_KEY, false],
  ['environment-ingest', INGEST_KEY.replace('hcaik', 'hcxik'), false],
  ['environment-configuration', CONFIGURATION_KEY, false],
  ['classic', CLASSIC_KEY, true],
  ['classic-ingest', CLASSIC_INGEST_KEY, true],
  ['unknown', `hcaqk_${'a1'.repeat(29)}`, false],
  ['unknown', 'A'.repeat(40), false],
] as const;

for (const [form, key, classic] of forms) {
  t.test(`${key.length} characters of the form ${key.slice(0, 6)} are ${form}`, async (t) => {
    t.strictSame(parseHoneycombKey(key), { kind: 'key', form, length: key.length });
    t.equal(isClassicForm(form), classic);
  });
}

for (const nothing of [undefined, '', ' ', '\t\r\n']) {
  t.test(`${JSON.stringify(nothing)} is no key`, async (t) => {
    t.strictSame(parseHoneycombKey(nothing), { kind: 'none' });
  });
}

const mistakes = [
  ['surrounded', ` ${INGEST_KEY}`],
  ['surrounded', `${INGEST_KEY}\n`],
  ['surrounded', `${CONFIGURATION_KEY}\r`],
  ['surrounded', `\ufeff${CLASSIC_KEY}`],
  ['surrounded', `${CLASSIC_KEY}\u200b`],
  ['surrounded', `"${INGEST_KEY}"`],
  ['surrounded', `'${CONFIGURATION_KEY}'`],
  ['surrounded', `“${CLASSIC_KEY}”`],
  ['not-alone', `\${HONEYCOMB_API_KEY}`],
  ['not-alone', '$HONEYCOMB_API_KEY'],
  ['not-alone', '%HONEYCOMB_API_KEY%'],
  ['not-alone', '{{ honeycomb.key }}'],
  ['not-alone', `x-honeycomb-team=${INGEST_KEY}`],
  ['not-alone', `X-Honeycomb-Team: ${INGEST_KEY}`],
  ['not-alone', `${INGEST_KEY},x-honeycomb-dataset=pair`],
  ['not-alone', `Bearer ${CONFIGURATION_KEY}`],
  ['not-alone', `HONEYCOMB_API_KEY=${INGEST_KEY}`],
  ['not-alone', `export HONEYCOMB_API_KEY=${INGEST_KEY}`],
  ['not-alone', `${INGEST_KEY} # production`],
  ['not-alone', 'https://api.honeycomb.io'],
  ['management-key', `hcamk_${'a'.repeat(26)}:${'b'.repeat(32)}`],
  ['key-id', INGEST_KEY.slice(0, 32)],
  ['key-id', CLASSIC_INGEST_KEY.slice(0, 32)],
  ['key-id', 'hcalk_01h2xcejqtf2nbrexx3vqjhp41'],
  ['placeholder', 'your-api-key'],
  ['placeholder', 'YOUR_API_KEY'],
  ['placeholder', '<api key>'],
  ['placeholder', 'changeme'],
  ['placeholder', 'hcaik_your_key_here'],
  ['placeholder', `hcaik_${'x'.repeat(58)}`],
  ['placeholder', 'hcxik_1234567890123456789012345612345678901234567890123456789012'],
  ['placeholder', 'undefined'],
  ['placeholder', '...'],
  ['wrong-length', INGEST_KEY.slice(0, 63)],
  ['wrong-length', INGEST_KEY.slice(0, 40)],
  ['wrong-length', 'hcaik_'],
  ['wrong-length', CLASSIC_KEY.slice(0, 31)],
  ['wrong-length', INGEST_KEY + INGEST_KEY.slice(6)],
  ['wrong-length', 'a'.repeat(1_000_000)],
  ['wrong-length', CONFIGURATION_KEY.slice(0, 21)],
  ['characters', `${CONFIGURATION_KEY.slice(0, 10)} ${CONFIGURATION_KEY.slice(10)}`],
  ['characters', `${CONFIGURATION_KEY}é`],
] as const;

for (const [reason, value] of mistakes) {
  t.test(`${JSON.stringify(value.slice(0, 90))} is malformed: ${reason}`, async (t) => {
    t.strictSame(parseHoneycombKey(value), { kind: 'malformed', reason, length: value.length });
    const line = describeMalformedKey(reason, value.length);
    t.match(line, `(${value.length} characters)`, 'the length helps to see what was pasted');
    t.match(line, 'Expected: an ingest key (64 characters');
    for (const key of [INGEST_KEY, CONFIGURATION_KEY, CLASSIC_KEY]) t.notMatch(line, key);
  });
}

const accepted = [
  [undefined, 'US', 'https://api.honeycomb.io/v1/traces'],
  ['', 'US', 'https://api.honeycomb.io/v1/traces'],
  ['https://api.honeycomb.io/', 'US', 'https://api.honeycomb.io/v1/traces'],
  ['https://api.honeycomb.io:443', 'US', 'https://api.honeycomb.io/v1/traces'],
  ['https://api.eu1.honeycomb.io', 'EU', 'https://api.eu1.honeycomb.io/v1/traces'],
  ['http://refinery:8080/base/', 'other', 'http://refinery:8080/base/v1/traces'],
] as const;

for (const [value, region, url] of accepted) {
  t.test(`${JSON.stringify(value)} posts to ${url}`, async (t) => {
    const endpoint = parseHoneycombEndpoint(value);
    t.equal(endpoint.region, region);
    t.equal(`${endpoint.url}/v1/traces`, url);
  });
}

const refused = [
  'api.honeycomb.io:443',
  'grpc://api.honeycomb.io',
  'eu',
  'https://api.honeycomb.io/v1/traces',
  'http://api.honeycomb.io',
  'https://ui.honeycomb.io/team',
  'https://user:secret@api.honeycomb.io',
];

for (const value of refused) {
  t.test(`${value} is refused with the variable's name and both right values`, async (t) => {
    t.throws(
      () => parseHoneycombEndpoint(value),
      /^HONEYCOMB_API_ENDPOINT must be the base URL.*api\.honeycomb\.io.*api\.eu1\.honeycomb\.io/,
    );
    t.throws(() => parseHoneycombEndpoint(value), { message: /^(?!.*secret)/ });
  });
}

t.test('the dataset header goes with classic keys only', async (t) => {
  t.strictSame(honeycombHeaders(INGEST_KEY, 'pair'), { 'x-honeycomb-team': INGEST_KEY });
  for (const key of [CLASSIC_KEY, CLASSIC_INGEST_KEY]) {
    t.strictSame(honeycombHeaders(key, 'pair'), { 'x-honeycomb-team': key, 'x-honeycomb-dataset': 'pair' });
  }
});

t.test('a key is found in HONEYCOMB_API_KEY, then in the headers of the exporter', async (t) => {
  const EU = 'https://api.eu1.honeycomb.io';
  const headers = 'X-Honeycomb-Team=k%2B1, x-honeycomb-dataset=pair';
  t.match(findKey({ OTEL_EXPORTER_OTLP_HEADERS: headers, OTEL_EXPORTER_OTLP_ENDPOINT: EU }), {
    apiKey: 'k+1',
    dataset: 'pair',
    endpoint: EU,
    variable: 'OTEL_EXPORTER_OTLP_HEADERS',
  });
  t.match(findKey({ HONEYCOMB_API_KEY: 'a', OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=b' }), {
    apiKey: 'a',
  });
  // The header was built from a variable that was not set.
  t.match(findKey({ OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-honeycomb-team=' }), {
    apiKey: '',
    variable: 'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
  });
  const none = { apiKey: undefined, endpoint: EU, dataset: undefined, variable: undefined };
  t.strictSame(findKey({ HONEYCOMB_API_ENDPOINT: EU }), none);
  t.throws(() => findKey({ OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team' }), {
    message: /^OTEL_EXPORTER_OTLP_HEADERS must be a list/,
  });
  t.match(findKey({ HONEYCOMB_API_KEY: 'a', OTEL_EXPORTER_OTLP_HEADERS: 'foo' }), { apiKey: 'a' });
});
