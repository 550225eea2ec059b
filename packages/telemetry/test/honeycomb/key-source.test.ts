import t from 'tap';
import { findKey } from '../../src/honeycomb/index.ts';

// What Node leaves in the environment after --env-file: the file's value, unless the variable was already set.
const cases = [
  [
    'from the environment',
    { HONEYCOMB_API_KEY: 'a' },
    undefined,
    'HONEYCOMB_API_KEY came from the environment.',
  ],
  [
    'from the file',
    { HONEYCOMB_API_KEY: 'a' },
    'HONEYCOMB_API_KEY="a"\n',
    'HONEYCOMB_API_KEY came from .env.',
  ],
  [
    'from the environment, over the file',
    { HONEYCOMB_API_KEY: 'b' },
    'HONEYCOMB_API_KEY=a',
    /came from the environment, which hides another value in \.env/,
  ],
  ['empty in the environment', { HONEYCOMB_API_KEY: '' }, undefined, /set in the environment, but empty\.$/],
  [
    'empty in the environment, over the file',
    { HONEYCOMB_API_KEY: '' },
    'HONEYCOMB_API_KEY=a',
    /empty, which hides the value in \.env: unset/,
  ],
  [
    'empty in the file',
    { HONEYCOMB_API_KEY: '' },
    'HONEYCOMB_API_KEY=\n',
    /is in \.env, but there is nothing behind its =/,
  ],
  ['commented out', {}, '# HONEYCOMB_API_KEY=a\n', /commented out in \.env/],
  ['not in the file', {}, 'PORT=1', /neither in the environment nor in \.env/],
  ['no file', {}, undefined, /no \.env here/],
] as const;

for (const [name, env, file, sentence] of cases) {
  t.test(`says where the key is: ${name}`, async (t) => {
    t.match(findKey(env, file).sentence, sentence);
  });
}

t.test('finds a key that was given to the exporter by hand, with its endpoint and dataset', async (t) => {
  t.match(
    findKey(
      {
        OTEL_EXPORTER_OTLP_HEADERS: 'X-Honeycomb-Team=k%2B1, x-honeycomb-dataset=pair',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://api.eu1.honeycomb.io',
      },
      undefined,
    ),
    {
      apiKey: 'k+1',
      dataset: 'pair',
      endpoint: 'https://api.eu1.honeycomb.io',
      sentence: /in OTEL_EXPORTER_OTLP_HEADERS/,
    },
  );
});

t.test('says when the header was built from a variable that was not set', async (t) => {
  const source = findKey({ OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-honeycomb-team=' }, undefined);
  t.match(source, {
    apiKey: '',
    sentence: /OTEL_EXPORTER_OTLP_TRACES_HEADERS has x-honeycomb-team with nothing behind/,
  });
});

t.test('HONEYCOMB_API_KEY goes before the header', async (t) => {
  const env = { HONEYCOMB_API_KEY: 'a', OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=b' };
  t.equal(findKey(env, undefined).apiKey, 'a');
});
