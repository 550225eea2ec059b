import t from 'tap';
import { banner } from '../../scripts/lib/dev/banner.ts';
import { ROOT } from '../helpers/processes.ts';

const addresses = {
  page: new URL('http://localhost:4319'),
  api: new URL('http://localhost:4567'),
  userLookup: new URL('http://localhost:4568'),
  otlp: new URL('http://localhost:4318'),
};

t.test('the banner says where spans go, and shows no secret', async (t) => {
  for (const variable of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) {
    for (const endpoint of [
      'https://user:hunter2@collector.example:4318/in',
      'https://collector.example:4318/hunter2hunter2hunter2/in?token=hunter2',
    ]) {
      const text = await banner(addresses, { [variable]: endpoint });
      t.match(text, 'go to https://collector.example:4318, not to the explorer');
      t.notMatch(text, 'hunter2');
    }
    const malformed = await banner(addresses, { [variable]: 'user:hunter2@collector:4318' });
    t.match(malformed, `go nowhere. ${variable} must be an http or https URL`, 'as a process does');
    t.notMatch(malformed, 'hunter2');
  }
});

t.test('with a key in the OTLP headers, the banner says one thing about Honeycomb', async (t) => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://api.honeycomb.io',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=hunter2', // malformed, so that nobody is asked
  };
  const text = await banner(addresses, env);
  t.match(text, 'go to https://api.honeycomb.io, not to the explorer');
  t.match(text, 'Honeycomb: key malformed. x-honeycomb-team in OTEL_EXPORTER_OTLP_HEADERS ');
  t.notMatch(text, /no key|HONEYCOMB_API_KEY|hunter2|tandem trace/);

  const headersAlone = await banner(addresses, { OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=hunter2' });
  t.match(headersAlone, 'go to the explorer (http://localhost:4318)\n');
  t.match(headersAlone, /Honeycomb: not asked\. .*goes to the explorer, not to Honeycomb/);

  const off = await banner(addresses, { ...env, OTEL_SDK_DISABLED: 'true' });
  t.match(off, 'OTEL_SDK_DISABLED=true: nothing makes spans.');
  t.notMatch(off, 'Honeycomb');
});

t.test('without a key, the banner says nothing of Honeycomb', async (t) => {
  t.notMatch(await banner(addresses, {}), 'Honeycomb');
  t.notMatch(await banner(addresses, { HONEYCOMB_API_KEY: '' }), 'Honeycomb');
});

t.test('the banner tells of a key in .env that an empty line hides', async (t) => {
  const text = await banner(
    addresses,
    { HONEYCOMB_API_KEY: '' },
    'HONEYCOMB_API_KEY=hunter2\nHONEYCOMB_API_KEY=\n',
  );
  t.match(text, /Honeycomb: no key\. .* a later, empty line hides it: delete line 2\./);
  t.notMatch(text, 'hunter2');
});

t.test('without spans for a place, the banner does not name the place', async (t) => {
  const malformed = await banner(addresses, { HONEYCOMB_API_KEY: '"hunter2"' });
  t.match(malformed, 'Spans  go to the explorer (http://localhost:4318)\n');
  t.match(malformed, 'Honeycomb: key malformed.');
  t.notMatch(malformed, 'and to Honeycomb');
  const none = await banner(addresses, { OTEL_TRACES_EXPORTER: 'none' });
  t.match(none, 'Spans  OTEL_TRACES_EXPORTER has no otlp: nothing sends spans.\n');
  t.notMatch(none, 'tandem trace');
});

t.test('commands in the banner work in the folder of the caller', async (t) => {
  t.match(await banner(addresses, { TANDEM: 'node ../../tandem' }), 'then   node ../../tandem trace\n');
  t.match(await banner(addresses, { INIT_CWD: ROOT }), 'then   node tandem trace\n', 'by pnpm');
});

t.test('the page is where this explorer listens, and commands need no address', async (t) => {
  for (const [page, shown] of [
    ['http://localhost:5100', 'http://localhost:5100'],
    ['https://explorer.example', 'http://localhost:4319'],
  ] as const) {
    const text = await banner({ ...addresses, page: new URL(page) }, {});
    t.match(text, `Page   ${shown} `);
    t.match(text, / trace\n/);
  }
});
