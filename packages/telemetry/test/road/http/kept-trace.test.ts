import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { inspect } from 'node:util';
import t from 'tap';
import { keepTrace, leaveOut, traceOf } from '../../../src/road/http/server-span.ts';

t.test('the trace of a request is found through what stands for it, and seen by nobody', async (t) => {
  const request = new IncomingMessage(new Socket());
  const before = [Reflect.ownKeys(request), inspect(request, { showHidden: true })];
  t.equal(traceOf(request), undefined);
  const trace = leaveOut(request);
  t.strictSame([Reflect.ownKeys(request), inspect(request, { showHidden: true })], before);
  for (const each of [request, new Proxy(request, {}), Object.create(request)]) t.equal(traceOf(each), trace);
  t.equal(traceOf(new IncomingMessage(new Socket())), undefined);
});

t.test(
  'a request without a stream, as of HTTP/2, keeps its trace itself, and the last one counts',
  async (t) => {
    const request = { method: 'GET' };
    const [first, last] = [0, 1].map(() => leaveOut(new IncomingMessage(new Socket())));
    for (const each of [first, last]) if (each !== undefined) keepTrace(request, each);
    t.equal(traceOf(request), last);
    t.strictSame(Reflect.ownKeys(request), ['method']);
  },
);
