import t from 'tap';
import { client, sentences, server, span } from '../make-span.ts';

t.test('own time of a request that no span explains is said with how much it is', async (t) => {
  const spans = [
    server('root', '', 0, 500, { name: 'GET /users', service: 'user-lookup' }),
    client('sql', 'root', 480, 490, { name: 'SELECT users', service: 'user-lookup', database: true }),
  ];
  t.strictSame(sentences(spans), [
    'unexplained-time: GET /users spent 490 ms of 500 ms in user-lookup itself, and no span says on what',
  ]);
});

t.test('time between a call and its server is the network’s or a queue’s', async (t) => {
  const spans = [
    client('call', '', 0, 500, { name: 'GET /users', service: 'api' }),
    server('served', 'call', 400, 420, { name: 'GET /users', service: 'user-lookup' }),
  ];
  t.match(sentences(spans), [
    /spent 480 ms of 500 ms between api and user-lookup, before or after the span there/,
  ]);
});

t.test(
  'a span that names its own work, a short time and a root that is no request are explained',
  async (t) => {
    const work = [server('root', '', 0, 500), span('resize the image', 'root', 1, 499)];
    t.notMatch(sentences(work).join(), 'unexplained-time');
    t.strictSame(sentences([server('root', '', 0, 340)]), []);
    t.strictSame(sentences([server('root', '', 0, 5000, { name: 'flagd.Service/EventStream' })]), []);
    t.match(sentences([server('root', '', 0, 5000, { name: 'GET /upstream' })]), [/spent 5.00 s/]);
    t.strictSame(sentences([span('session', '', 0, 60_000), span('click', 'session', 0, 1)]), []);
  },
);

t.test('own time is measured by its request, not by the session of a browser', async (t) => {
  const session = [
    span('session', '', 0, 60_000, { service: 'browser' }),
    client('call', 'session', 10, 520, { name: 'GET /users', service: 'browser' }),
    server('served', 'call', 12, 518, { name: 'GET /users', service: 'api' }),
  ];
  t.match(sentences(session), [/^unexplained-time: GET \/users spent 506 ms of 506 ms in api itself/]);
});
