import t from 'tap';
import { findKey } from '../../src/honeycomb/index.ts';

t.test('finds a key that was given to the exporter by hand, with its endpoint and dataset', async (t) => {
  t.match(
    findKey({
      OTEL_EXPORTER_OTLP_HEADERS: 'X-Honeycomb-Team=k%2B1, x-honeycomb-dataset=pair',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://api.eu1.honeycomb.io',
    }),
    {
      apiKey: 'k+1',
      dataset: 'pair',
      endpoint: 'https://api.eu1.honeycomb.io',
      variable: 'OTEL_EXPORTER_OTLP_HEADERS',
    },
  );
});

t.test('a header that was built from a variable that was not set has an empty key', async (t) => {
  const source = findKey({ OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-honeycomb-team=' });
  t.match(source, {
    apiKey: '',
    variable: 'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
  });
});

t.test('HONEYCOMB_API_KEY goes before the header', async (t) => {
  const env = { HONEYCOMB_API_KEY: 'a', OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=b' };
  t.equal(findKey(env).apiKey, 'a');
});

t.test('no key, and a list of headers that cannot be read', async (t) => {
  t.strictSame(findKey({ HONEYCOMB_API_ENDPOINT: 'https://api.eu1.honeycomb.io' }), {
    apiKey: undefined,
    endpoint: 'https://api.eu1.honeycomb.io',
    dataset: undefined,
    variable: undefined,
  });
  t.throws(() => findKey({ OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team' }), {
    message: /^OTEL_EXPORTER_OTLP_HEADERS must be a list/,
  });
});
