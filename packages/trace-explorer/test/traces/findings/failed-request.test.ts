import t from 'tap';
import { client, sentences, server, span } from '../make-span.ts';

t.test('a request that failed leads to the error that the others follow from', async (t) => {
  const spans = [
    client('web', '', 0, 100, { name: 'GET /home', service: 'web', error: true, statusCode: '500' }),
    server('root', 'web', 5, 95, { name: 'GET /home', service: 'api', error: true, statusCode: '500' }),
    span('load', 'root', 10, 90, { service: 'api', error: true }),
  ];
  t.strictSame(sentences(spans), [
    'failed-request: GET /home of web failed with 500; the error began in load of api',
  ]);
});

t.test('a request that asked for something wrong did not fail', async (t) => {
  t.strictSame(sentences([client('web', '', 0, 100, { error: true, statusCode: '404' })]), []);
});

t.test('where another rule has said why, it is not said again', async (t) => {
  const spans = [
    server('root', '', 0, 100, { name: 'GET /home', error: true, statusCode: '502' }),
    client('call', 'root', 10, 60, { name: 'GET /users', error: true, problem: 'ECONNRESET' }),
  ];
  t.match(sentences(spans), [/^no-answer/]);
  t.equal(sentences(spans).length, 1);
});

t.test('an error of work that began after the request had ended is that work’s own', async (t) => {
  const spans = [
    span('publish', '', 0, 10, { kind: 'producer', service: 'api' }),
    span('on message', 'publish', 30, 60, { name: 'on message', service: 'api', error: true }),
  ];
  t.match(sentences(spans), [/^failed-request: on message of api failed/]);
});
