import t from 'tap';
import { client, sentences, server, span } from '../../make-span.ts';

const called = (startMs: number, more = {}) => [
  client('call', '', 0, 20, { service: 'web', host: 'web', hostKnown: true }),
  server('served', 'call', startMs, startMs + 10, { service: 'api', host: 'api', hostKnown: true, ...more }),
];

t.test('clocks that disagree are named with the difference', async (t) => {
  t.match(sentences(called(-700)), [
    /^wrong-clock: Clocks disagree: api is 705 ms behind web; 1 span moved$/,
  ]);
  t.strictSame(sentences(called(5)), []);
});

t.test('a call that nobody timed says nothing about clocks', async (t) => {
  const redirect = [
    server('login', '', 0, 40, { service: 'web', host: 'web', hostKnown: true }),
    client('redirect', 'login', 39, 39, { service: 'web', host: 'web', hostKnown: true }),
    server('followed', 'redirect', 144, 144, { service: 'app', host: 'app', hostKnown: true }),
  ];
  t.notMatch(sentences(redirect).join(), 'wrong-clock');
});

t.test('a start an hour after its arrival is a wrong clock', async (t) => {
  const [call] = called(5);
  const received = (call?.start ?? 0n) - 7_200_000_000_000n;
  t.match(
    sentences(called(5, { received })).at(-1),
    /^wrong-clock: Start more than an hour after arrival in 1 span/,
  );
});

t.test('a difference below 5 ms, and two clocks of one service, are not said', async (t) => {
  const moved = [
    client('call', '', 0, 10, { service: 'web', host: 'web' }),
    server('served', 'call', -4, 6, { service: 'api', host: 'api' }),
  ];
  t.strictSame(sentences(moved), []);
  t.strictSame(sentences(called(-700, { service: 'web' })), []);
});

t.test('two services are named once, with the largest difference between them', async (t) => {
  const [call, served] = called(-700);
  const back = client('back', 'served', -699, -690, { service: 'api', host: 'api' });
  const other = server('other', 'back', -100, -95, { service: 'web', host: 'web 2' });
  t.match(sentences([call, served, back, other].filter((each) => each !== undefined)), [
    /^wrong-clock: Clocks disagree: api is 705 ms behind web; 3 spans moved$/,
  ]);
});

t.test('a page that names the server span of its own load as its parent has a right clock', async (t) => {
  const page = [
    server('made', '', 0, 20, { service: 'web', host: 'web' }),
    span('load', 'made', 120, 900, { name: 'documentLoad', service: 'browser', host: 'browser' }),
    span('fetch', 'load', 130, 890, { name: 'documentFetch', service: 'browser', host: 'browser' }),
  ];
  t.strictSame(sentences(page), []);
});
