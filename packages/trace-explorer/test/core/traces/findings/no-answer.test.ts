import t from 'tap';
import { buildTree } from '../../../../src/core/traces/tree/tree.ts';
import { client, findingsIn, sentences, server } from '../make-span.ts';

const request = (more: object, served?: object) => [
  server('root', '', 0, 100, { name: 'GET /home', service: 'api' }),
  client('call', 'root', 10, 60, { name: 'GET /users', service: 'api', error: true, ...more }),
  ...(served === undefined
    ? []
    : [server('served', 'call', 12, 50, { name: 'GET /users', service: 'users', ...served })]),
];

t.test('a connection that broke: the service is named where it sent a span, else nobody', async (t) => {
  t.strictSame(sentences(request({ problem: 'other side closed' }, {})), [
    'no-answer: users never answered GET /users, for which GET /home of api waited 50.0 ms',
  ]);
  t.match(sentences(request({ problem: 'Temporary failure in name resolution' })), [/Nobody answered/]);
  t.strictSame(sentences(request({ problem: 'connect ECONNREFUSED 127.0.0.1:1' })), [
    'no-answer: Nobody answered GET /users, for which GET /home of api waited 50.0 ms',
  ]);
});

t.test('a pool that had no connection for a call is no server that did not answer', async (t) => {
  for (const words of [
    'timeout exceeded when trying to connect',
    'Knex: Timeout acquiring a connection. The pool is probably full. Are you missing a .transacting(trx) call?',
    'ResourceRequest timed out',
    'No connections available.',
    'Queue limit reached.',
  ])
    t.strictSame(
      sentences(request({ exception: words })),
      ['no-answer: GET /users of api failed: no connection was free for 50.0 ms'],
      words,
    );
  t.match(
    sentences(request({ problem: 'Connection terminated due to connection timeout' })),
    [/Nobody answered/],
    'pg-pool, where the server is silent',
  );
});

t.test(
  'a status is an answer, and so is an error of the server; gRPC says two codes without one',
  async (t) => {
    t.notMatch(sentences(request({ statusCode: '503', problem: 'closed' })).join(), 'no-answer');
    t.notMatch(sentences(request({}, { error: true })).join(), 'no-answer');
    t.match(sentences(request({ statusCode: '14' })), [/^no-answer/]);
  },
);

t.test('calls whose names are a method alone are told apart by their targets', async (t) => {
  const refused = { name: 'GET', error: true, problem: 'Connection refused' };
  const spans = [
    server('root', '', 0, 100, { name: 'GET /page' }),
    client('details', 'root', 1, 12, { ...refused, target: 'details:9083/details/0' }),
    client('reviews', 'root', 13, 19, { ...refused, target: 'reviews:9082/reviews/0' }),
  ];
  t.match(sentences(spans), [
    /^no-answer: Nobody answered GET details:9083\/details\/0, for which GET \/page of api waited 11\.0 ms/,
    /^no-answer: Nobody answered GET reviews:9082\/reviews\/0, for which/,
  ]);
});

t.test('of a call that its request outlived is said that nobody waited for it, as a fact', async (t) => {
  const silent = { service: 'api', error: true, problem: 'ETIMEDOUT' };
  const spans = [
    server('root', '', 0, 100, { name: 'GET /a', service: 'api' }),
    client('get', 'root', 1, 51, { name: 'GET', target: 'cache:6379', ...silent }),
    client('set', 'root', 60, 260, { name: 'SET', target: 'cache:6379', ...silent }),
  ];
  t.strictSame(
    findingsIn(buildTree(spans)).map(({ sentence, isFact = false, cost }) => [sentence, isFact, cost / 1e6]),
    [
      ['Nobody answered GET, for which GET /a of api waited 50.0 ms', false, 50],
      ['Nobody answered SET of api; GET /a did not wait for it', true, 0],
    ],
  );
});
