import t from 'tap';
import { requestKey } from '../../../../src/core/problems/judge.ts';
import { readFirsts } from '../../../../src/core/problems/read/read-shown.ts';
import { at } from '../../../explorer.ts';
import { randomId, storeSpans, temporaryStore } from '../../../spans.ts';

const SERVER = 2;
const CONSUMER = 5;

t.test(
  'the first request of a route in a process is known, whatever names and paths its requests have',
  async (t) => {
    const store = await temporaryStore(t);
    let time = -10_000;
    const request = (name: string, instance: string | undefined, path?: string, kind = SERVER) => ({
      traceId: randomId(16),
      spanId: randomId(8),
      service: 'shop',
      resource: instance === undefined ? {} : { 'service.instance.id': instance },
      name,
      kind,
      start: at(time++),
      end: at(time),
      attributes: path === undefined ? {} : { 'url.path': path },
    });
    const firsts = [
      request('GET /items/:id', 'a'),
      request('GET /items/:id', 'b'),
      request('POST /items/:id', 'a'),
      request('GET', 'a', '/users/1'),
      request('GET', 'a', '/users/1/orders'),
      request('GET /raw/1', 'a'),
      request('process mails', 'a', undefined, CONSUMER),
    ];
    const later = [
      request('GET /items/:id', 'a'),
      request('GET', 'a', '/users/2'),
      request('GET /raw/2', 'a'),
      request('process mails', 'a', undefined, CONSUMER),
      request('GET /nobody', undefined),
    ];
    await storeSpans(store, [...later, ...firsts]);
    const { spans, times } = await readFirsts(store, 'true', [], {});
    t.strictSame(new Set(spans), new Set(firsts.map(({ traceId, spanId }) => requestKey(traceId, spanId))));
    const isAmong = ({ start }: { start: bigint }) =>
      times.get('shop')?.meets({ from: Number(start) + 1e5, until: Number(start) + 2e5 });
    t.strictSame([...new Set(firsts.map(isAmong))], [true], 'each when it ran');
    t.strictSame([...new Set(later.map(isAmong))], [false]);
  },
);
