import t from 'tap';
import { honeycombHeaders, honeycombTracesUrl, parseHoneycombEndpoint } from '../../src/honeycomb/index.ts';
import { CLASSIC_INGEST_KEY, CLASSIC_KEY, INGEST_KEY } from './fake-honeycomb.ts';

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
    t.equal(honeycombTracesUrl(endpoint), url);
  });
}

const refused = [
  ['api.honeycomb.io:443', /is not a URL that begins with https/],
  ['grpc://api.honeycomb.io', /is not a URL that begins with https/],
  ['eu', /is not a URL/],
  ['https://api.honeycomb.io/v1/traces', /must end before \/v1\/traces/],
  ['http://api.honeycomb.io', /must use https/],
  ['https://ui.honeycomb.io/team', /ui\.honeycomb\.io, which is not the API/],
  ['https://user:secret@api.honeycomb.io', /must not hold a user name/],
] as const;

for (const [value, problem] of refused) {
  t.test(`${value} is refused with the variable's name and both right values`, async (t) => {
    t.throws(() => parseHoneycombEndpoint(value), problem);
    t.throws(
      () => parseHoneycombEndpoint(value),
      /^HONEYCOMB_API_ENDPOINT .*api\.honeycomb\.io.*api\.eu1\.honeycomb\.io/,
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
