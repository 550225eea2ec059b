import t from 'tap';
import { client, sentences, server, span } from '../make-span.ts';

const request = (until: number, error = true) => [
  server('root', '', 0, 1100, { name: 'GET /home', service: 'api', statusCode: '200' }),
  client('call', 'root', 10, 1010, { name: 'GET /users', service: 'api', error, problem: 'timeout' }),
  server('served', 'call', 12, until, { name: 'GET /users', service: 'user-lookup' }),
];

t.test('a server that goes on after its caller gave up is named, and nothing else', async (t) => {
  t.strictSame(sentences(request(1600)), [
    'work-after-timeout: user-lookup worked on GET /users for 590 ms after api had given up, which waited 1.00 s',
  ]);
});

t.test('a server that ends with the connection is not', async (t) => {
  t.notMatch(sentences(request(1030)).join(), 'work-after-timeout');
  t.notMatch(sentences(request(1600, false)).join(), 'work-after-timeout');
});

const left = (until: number, ...more: Parameters<typeof sentences>[0]) => {
  const [root, call] = request(0);
  const served = { name: 'GET /users', service: 'user-lookup', isLeft: true };
  return [root, call, server('served', 'call', 12, until, served), ...more] as Parameters<
    typeof sentences
  >[0];
};

t.test('a server whose client left had not answered yet, which is not "never answered"', async (t) => {
  const expected = [
    'work-after-timeout: user-lookup was not done with GET /users when api had given up, which waited 1.00 s',
  ];
  t.strictSame(sentences(left(1012)), expected);
  t.strictSame(sentences(left(1070)), expected, 'the connection was late, the work is unknown');
});

t.test('a caller whose upload failed had not given up', async (t) => {
  const [root, call, served] = left(1012) as [object, object, object];
  const spans = [root, { ...call, isUploadCut: true, problem: 'source failed' }, served];
  t.notMatch(sentences(spans as Parameters<typeof sentences>[0]).join(), 'work-after-timeout');
});

t.test('work after the client left tells how long the server went on', async (t) => {
  const more = span('after', 'served', 1012, 1190, { service: 'user-lookup' });
  t.strictSame(sentences(left(1012, more)), [
    'work-after-timeout: user-lookup worked on GET /users for 180 ms after api had given up, which waited 1.00 s',
  ]);
});

t.test('a server that began after its caller gave up is said to have begun then', async (t) => {
  const [root, call] = request(0);
  const late = server('served', 'call', 1210, 1300, { name: 'GET /users', service: 'user-lookup' });
  t.match(sentences([root, call, late].filter((each) => each !== undefined)), [
    /^work-after-timeout: user-lookup began GET \/users 200 ms after api had given up, which waited 1.00 s$/,
  ]);
});

t.test(
  'a caller whose own span failed as the call ended had given up, without an error of the call',
  async (t) => {
    const [root, call, served] = request(1600, false);
    const load = span('load', 'root', 5, 1012, { service: 'api', error: true });
    const spans = [root, load, { ...call, parentId: 'load' }, served] as Parameters<typeof sentences>[0];
    t.match(
      sentences(spans).join(),
      /work-after-timeout: user-lookup worked on GET \/users for 590 ms after/,
    );
  },
);

t.test('a caller that was answered with an error has not given up', async (t) => {
  const [root, call, served] = request(1600);
  const answered = { ...call, statusCode: '500' };
  const spans = [root, answered, served] as Parameters<typeof sentences>[0];
  t.notMatch(sentences(spans).join(), 'work-after-timeout');
});
