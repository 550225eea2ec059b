// Counts sentences of healthy traces at 100 requests a second.
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startPair } from '../../../test/helpers/pair.ts';
import { buildReceiver } from '../src/core/receiver/build-receiver.ts';
import { storedFindings } from './core/traces/findings/stored-findings.ts';
import { temporaryStore } from './spans.ts';
import { loadavg } from 'node:os';

const N = Number(process.env.N ?? 200);
const RATE = Number(process.env.RATE ?? 100);
t.setTimeout(600_000);
await t.test('count', { timeout: 500_000 }, async (t) => {
  const store = await temporaryStore(t);
  const receiver = await buildReceiver({ store });
  t.teardown(() => receiver.close());
  await receiver.listen({ host: '127.0.0.1', port: 0 });
  const { port } = receiver.server.address() as AddressInfo;
  const pair = await startPair({ otlpUrl: `http://127.0.0.1:${port}` });
  const paths = ['home', 'home', '@bayko', 'search?term=trace'];
  const ids: [string, number][] = [];
  const send = async (i: number, keep: boolean) => {
    const s = performance.now();
    const r = await fetch(`${pair.api}/api/activities/${paths[i % 4]}`);
    await r.text();
    if (keep && r.status === 200) ids.push([r.headers.get('traceresponse')?.split('-')[1] ?? '', performance.now() - s]);
  };
  for (let i = 0; i < 40; i++) await send(i, false);
  const all: Promise<void>[] = [];
  const began = performance.now();
  for (let i = 0; i < N; i++) {
    const due = began + (i * 1000) / RATE;
    if (due > performance.now()) await sleep(due - performance.now());
    all.push(send(i, true));
  }
  await Promise.all(all);
  await sleep(3000);
  await pair.stop();
  const found = await storedFindings(store);
  const f = (n: string) => store.fields().get(n)?.sql ?? 'NULL';
  const ev = await store.read(
    `SELECT ${f('trace.trace_id')}, ${f('service.name')}, ${f('tandem.stall.kind')}, ${f('tandem.stall.duration_ms')}, ${f('tandem.stall.gc_ms')}, ${f('debug.raw')} FROM spans WHERE ${f('name')}='stall'`,
    [],
  );
  const bef = await store.read(`SELECT ${f('trace.trace_id')}, ${f('service.name')}, 'before ' || ${f('tandem.stalled_before.kind')}, ${f('tandem.stalled_before_ms')}, '', ${f('debug.before')} FROM spans WHERE ${f('debug.before')} IS NOT NULL`, []);
  const stalls = Map.groupBy([...ev.rows, ...bef.rows], (r) => String(r[0]));
  const every = new Map<string, number>();
  for (const r of new Set([...ev.rows, ...bef.rows].map((r) => r.slice(1).join(' ')))) { const k = r.split(' ').slice(0, r.includes('before ') ? 3 : 2).join(' '); every.set(k, (every.get(k) ?? 0) + 1); if (/blocked/.test(r) || / ran [1-9]\d{1,} /.test(r.split(' ran ')[0] + ' ')) console.log('   all', r); }
  console.log(Object.fromEntries(every));
  let said = 0, inside = 0;
  const kinds = new Map<string, number>();
  for (const [id, ms] of ids) {
    const list = found.get(id) ?? [];
    if (list.length > 0) said++;
    for (const each of list) {
      if (!each.isOutside) inside++;
      kinds.set(`${each.rule} ${each.isOutside ? 'outside' : ''}`, (kinds.get(`${each.rule} ${each.isOutside ? 'outside' : ''}`) ?? 0) + 1);
      if (!each.isOutside) {
        console.log(`${id.slice(0, 6)} ${ms.toFixed(0)}ms ${each.rule}: ${each.sentence}`);
        for (const r of new Set((stalls.get(id) ?? []).map((r) => r.slice(1).join(' ')))) console.log('      ', r);
      }
    }
  }
  console.log('load', loadavg()[0], 'traces', ids.length, 'with a sentence', said, 'not outside', inside, Object.fromEntries(kinds));
});
