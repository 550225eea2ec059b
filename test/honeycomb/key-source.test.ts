import { findKey } from '@tandem/telemetry/honeycomb';
import t from 'tap';
import { describeKeySource, describeMisplacedKey } from '../../scripts/lib/honeycomb/key-source.ts';

type Variables = Readonly<Record<string, string>>;
const sentenceFor = (env: Variables, file: string | undefined) => describeKeySource(findKey(env), env, file);

// The environment after .env was loaded: the file's value, unless the variable was already set.
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
  ['empty in the environment', { HONEYCOMB_API_KEY: '' }, undefined, /has no value, neither/],
  [
    'empty in the environment, over the file',
    { HONEYCOMB_API_KEY: '' },
    'HONEYCOMB_API_KEY=a',
    /empty in the environment, which hides the value in \.env: unset/,
  ],
  ['empty in the file', { HONEYCOMB_API_KEY: '' }, 'HONEYCOMB_API_KEY=\n', /neither in the environment/],
  ['commented out', {}, '# HONEYCOMB_API_KEY=a\n', /commented out in \.env/],
  [
    'commented out without a space',
    { HONEYCOMB_API_KEY: '' },
    'A=b\n#HONEYCOMB_API_KEY=a',
    /commented out in \.env/,
  ],
  [
    'commented out, as in the example',
    {},
    '# HONEYCOMB_API_KEY=\n',
    /neither in the environment nor in \.env/,
  ],
  [
    'by another name',
    { HONEYCOMB_KEY: 'a' },
    'HONEYCOMB_KEY=a\n',
    /\.env has HONEYCOMB_KEY, which is not read: rename it/,
  ],
  ['misspelt', {}, 'HONYCOMB_API_KEY=a\n', /\.env has HONYCOMB_API_KEY, which is not read: rename it/],
  [
    'by another name in the shell',
    { HONEYCOMB_APIKEY: 'a' },
    undefined,
    /the environment has HONEYCOMB_APIKEY, which is not read: rename it/,
  ],
  [
    'misspelt in the shell, beside an empty one in the file',
    { HONYCOMB_API_KEY: 'a', HONEYCOMB_API_KEY: '' },
    'HONEYCOMB_API_KEY=\n',
    /the environment has HONYCOMB_API_KEY, which is not read/,
  ],
  [
    'not set, beside an empty one of another name',
    { HONEYCOMB_WRITEKEY: '' },
    undefined,
    /neither in the environment nor in \.env/,
  ],
  ['with a colon', {}, 'HONEYCOMB_API_KEY: "a"\n', /no = behind it in \.env/],
  ['without a sign', {}, 'export HONEYCOMB_API_KEY a\n', /no = behind it in \.env/],
  [
    'hidden by the empty line of the template',
    { HONEYCOMB_API_KEY: '' },
    'HONEYCOMB_API_KEY=a\n# of the template\nHONEYCOMB_API_KEY=\n',
    'HONEYCOMB_API_KEY has a value in line 1 of .env, and a later, empty line hides it: delete line 3.',
  ],
  [
    'hidden by several empty lines, below a value of several lines',
    { HONEYCOMB_API_KEY: '' },
    'A="\nHONEYCOMB_API_KEY=b\n"\r\n export HONEYCOMB_API_KEY = \'a\'\r\nHONEYCOMB_API_KEY=""\r\nHONEYCOMB_API_KEY=\r\n',
    'HONEYCOMB_API_KEY has a value in line 4 of .env, and later, empty lines hide it: delete lines 5 and 6.',
  ],
  [
    'below an empty line',
    { HONEYCOMB_API_KEY: 'a' },
    'HONEYCOMB_API_KEY=\nHONEYCOMB_API_KEY=a\n',
    'HONEYCOMB_API_KEY came from .env.',
  ],
  ['no file', {}, undefined, /neither in the environment nor in \.env/],
] as const;

for (const [name, env, file, sentence] of cases) {
  t.test(`says where the key is: ${name}`, async (t) => {
    t.match(sentenceFor(env, file), sentence);
  });
}

t.test(
  'says which header a key came from, and when it was built from a variable that was not set',
  async (t) => {
    const given = { OTEL_EXPORTER_OTLP_HEADERS: 'X-Honeycomb-Team=k%2B1' };
    t.equal(
      sentenceFor(given, undefined),
      'The key came from x-honeycomb-team in OTEL_EXPORTER_OTLP_HEADERS.',
    );
    t.match(
      sentenceFor({ OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-honeycomb-team=' }, undefined),
      /OTEL_EXPORTER_OTLP_TRACES_HEADERS has x-honeycomb-team with nothing behind/,
    );
  },
);

t.test('a key in the OTLP headers goes where spans go: without an endpoint not to Honeycomb', async (t) => {
  const given = { OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=k' };
  t.match(
    describeMisplacedKey(findKey(given)),
    /^x-honeycomb-team in OTEL_EXPORTER_OTLP_HEADERS goes to the explorer, not to Honeycomb.*HONEYCOMB_API_KEY/,
  );
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://api.honeycomb.io' };
  t.equal(describeMisplacedKey(findKey({ ...given, ...endpoint })), undefined);
  t.equal(describeMisplacedKey(findKey({ ...given, HONEYCOMB_API_KEY: 'a' })), undefined);
  t.equal(describeMisplacedKey(findKey({})), undefined);
});
