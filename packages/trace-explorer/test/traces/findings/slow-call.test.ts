import t from 'tap';
import { client, sentences, server, span } from '../make-span.ts';

t.test('a statement that takes much of its request is named, with its share', async (t) => {
  const spans = [
    server('root', '', 0, 400, { name: 'GET /home' }),
    client('sql', 'root', 10, 210, { name: 'SELECT activities', database: true }),
    span('render', 'root', 210, 399),
  ];
  t.strictSame(sentences(spans), ['slow-call: SELECT activities of api took 200 ms, 50 % of GET /home']);
});

t.test('a short one, a small share, and a call whose server sends spans are not', async (t) => {
  const request = (to: number, whole: number) => [
    server('root', '', 0, whole, { name: 'GET /home' }),
    span('work', 'root', 0, whole),
    client('sql', 'root', 0, to, { name: 'SELECT activities' }),
  ];
  t.strictSame(sentences(request(180, 200)), []);
  t.strictSame(sentences(request(200, 1000)), []);
});

t.test('a call that outlasts its request is none of the time that its caller waited', async (t) => {
  const spans = [server('root', '', 0, 300), client('later', 'root', 10, 900, { name: 'POST /audit' })];
  t.notMatch(sentences(spans).join(), 'slow-call');
});

t.test('one call of a loop that takes half of the request is named too', async (t) => {
  const ends = [20, 30, 40, 50, 450];
  const spans = [
    server('root', '', 0, 460, { name: 'GET /home' }),
    ...ends.map((end, i) =>
      client(`sql ${i}`, 'root', ends[i - 1] ?? 10, end, { name: 'SELECT users', database: true }),
    ),
  ];
  t.match(sentences(spans), [
    /^repeated-call/,
    /^slow-call: SELECT users of api took 400 ms, 87 % of GET \/home/,
  ]);
});

t.test('a call of a model is a call where its library says INTERNAL', async (t) => {
  const spans = [
    server('root', '', 0, 1000, { name: 'POST /ask' }),
    span('chat', 'root', 5, 900, { name: 'chat gpt-5', generative: true }),
  ];
  t.match(sentences(spans), [/^slow-call: chat gpt-5 of api took 895 ms, 90 % of POST \/ask/]);
});

t.test("long work of the service itself is named, and where it is a request's alone", async (t) => {
  const work = (length: number, more = {}, kind = 'server') => [
    span('root', '', 0, 800, { name: 'POST /images', kind }),
    span('work', 'root', 1, 1 + length, { name: 'resize the image', ...more }),
    span('store', 'root', 1 + length, 799),
  ];
  t.strictSame(sentences(work(600)), [
    'slow-call: resize the image of api took 600 ms, 75 % of POST /images',
  ]);
  t.strictSame(sentences(work(300)), ['slow-call: store of api took 498 ms, 62 % of POST /images']);
  t.strictSame(sentences(work(600, { name: 'EventStream' })), [], 'waiting is its work');
  t.strictSame(sentences(work(600, {}, 'internal')), [], 'a root that is no request may wait for a person');
  const parts = [...work(600), span('part', 'work', 2, 600)];
  t.match(sentences(parts), [/^slow-call: part of api took 598 ms/], 'the part says more');
});
