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
