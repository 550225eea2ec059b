import { readFileSync } from 'node:fs';
import t from 'tap';
import { buildVerdict } from '../src/parts/report/server/verdict/build-verdict.ts';
import type { PlainSpan } from './spans.ts';
import { randomId, storeSpans, temporaryStore } from './spans.ts';
const ms = (v: number) => BigInt(Math.round(v * 1e6)) + 1_790_000_000_000_000_000n;
t.setTimeout(600_000);
const below = () => { const kids = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean); let sum = 0; for (const k of kids) { const f = readFileSync(`/proc/${k}/stat`, 'utf8').split(') ')[1]!.split(' '); sum += (Number(f[11]) + Number(f[12])) * 10; } return sum; };
let clock = 0;
function trace(run: string, i: number): PlainSpan[] {
  const traceId = randomId(16);
  clock += 50;
  const base = { traceId, service: 'shop', resource: { 'tandem.run.id': run, 'tandem.run.command': 'node shop.js', 'host.name': 'h' } };
  const root = randomId(8);
  const loop = i % 3 === 0 ? 12 : 2;
  const failed = i % 20 === 7;
  const out: PlainSpan[] = [];
  for (let n = 0; n < loop; n++) {
    const call = randomId(8);
    const lookup = randomId(8);
    out.push({ ...base, parentSpanId: root, spanId: call, name: 'GET', kind: 3, start: ms(clock + 1 + n * 3), durationMs: 2.5,
      attributes: { 'http.request.method': 'GET', 'url.full': `http://127.0.0.1:4000/users/${n}`, 'server.address': '127.0.0.1', 'server.port': 4000, 'http.response.status_code': 200, 'code.file.path': 'src/orders.js', 'code.line.number': 31, 'code.function.name': 'withUsers' } });
    out.push({ ...base, parentSpanId: call, spanId: lookup, name: 'GET /users/:id', kind: 2, start: ms(clock + 1.5 + n * 3), durationMs: 1.5,
      attributes: { 'http.request.method': 'GET', 'http.route': '/users/:id', 'url.path': `/users/${n}`, 'http.response.status_code': 200 } });
    if (loop === 2) out.push({ ...base, parentSpanId: lookup, name: 'SELECT users', kind: 3, start: ms(clock + 1.7 + n * 3), durationMs: 1,
      attributes: { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT * FROM users WHERE id = $1', 'db.namespace': 'shop' } });
  }
  out.unshift({ ...base, spanId: root, name: loop === 12 ? 'GET /orders' : failed ? 'POST /orders' : 'GET /home', kind: 2, start: ms(clock), durationMs: 45, ...(failed && { status: 2 as const, events: [{ name: 'exception', time: ms(clock + 4), attributes: { 'exception.type': 'TypeError', 'exception.message': 'Cannot read sku', 'exception.stacktrace': 'TypeError: x\n    at placeOrder (/srv/src/orders.js:48:3)' } }] }),
    attributes: { 'http.request.method': 'GET', 'http.route': '/orders', 'http.response.status_code': failed ? 500 : 200 } });
  return out;
}
await t.test('verdict', { timeout: 600_000 }, async (t) => {
  const store = await temporaryStore(t);
  for (const run of ['last', 'now']) for (let i = 0; i < 1000; i += 100) await storeSpans(store, Array.from({ length: 100 }, (_, n) => trace(run, i + n)).flat());
  console.log(store.stats().spans, 'spans');
  for (let n = 0; n < Number(process.env.TIMES ?? 4); n++)
    for (const last of [undefined, { id: 'last' }]) {
      const [c, s, b] = [process.cpuUsage(), performance.now(), below()];
      const v = await buildVerdict(store, { id: 'now' }, last, {});
      const u = process.cpuUsage(c);
      console.log(last ? 'with last' : 'alone    ', 'cpu', Math.round((u.user + u.system) / 1e3), 'store', below() - b, 'wall', Math.round(performance.now() - s), v.causes.length, v.causes.map((c) => `${c.seen}/${c.of}`).join(' '));
    }
});
