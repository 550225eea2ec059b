import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import t from 'tap';
import type { Cause } from '../../../../src/core/problems/schemas.ts';
import { demoTraces } from '../../../../testing/demo-data/index.ts';
import { at, ids, temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { storeSpans } from '../../../spans.ts';

t.setTimeout(1_800_000);

const id = ids();
const TIMES = 10;
/** Programs that use a processor without pause. */
const BUSY = [0, 4, 8];
/** Spans that are written together. */
const TOGETHER = 10_000;

t.test('what is wrong is the same list each time, however busy the machine is', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const demo = [...demoTraces({ services: 60, spans: 60_000, now: Date.now() })];
  const spans = [...demo.flatMap((trace) => trace.spans), ...nightlyBatch(20_001), ...smallRequests(1600)];
  for (let from = 0; from < spans.length; from += TOGETHER)
    await storeSpans(store, spans.slice(from, from + TOGETHER));
  const end = Math.floor(Date.now() / 1000) + 1;
  const url = `/api/causes?start_time=${end - 7200}&end_time=${end}`;
  const answers = new Set<string>();
  const programs: ChildProcess[] = [];
  t.teardown(() => {
    for (const program of programs) program.kill('SIGKILL');
  });
  for (const busy of BUSY) {
    startUntil(busy, programs);
    const took: number[] = [];
    for (let time = 0; time < TIMES; time++) {
      const began = performance.now();
      const { status, body } = await get(url);
      took.push(Math.round(performance.now() - began));
      t.equal(status, 200, `${busy} busy programs: ${body.detail ?? ''}`);
      const { looked, of, causes = [] } = body as { looked: number; of: number; causes?: readonly Cause[] };
      answers.add(JSON.stringify([looked, of, causes.map(({ id, traces, failed }) => [id, traces, failed])]));
    }
    t.comment(`${busy} busy programs: ${took.join(' ')} ms`);
  }
  t.equal(answers.size, 1);
});

/** Starts programs until there are so many. */
function startUntil(busy: number, programs: ChildProcess[]): void {
  const missing = Array.from({ length: busy - programs.length }, () =>
    spawn(process.execPath, ['-e', BUSY_PROGRAM], { stdio: ['pipe', 'ignore', 'ignore'] }),
  );
  programs.push(...missing);
}

/** Ends by itself when this process has ended without killing it. */
const BUSY_PROGRAM = `process.stdin.on('end', () => process.exit()).resume();
  setInterval(() => { for (const end = Date.now() + 100; Date.now() < end; ); }, 0);`;

/** One trace with so many spans: no list reads one of more than 20,000. */
function nightlyBatch(count: number): PlainSpan[] {
  const [traceId, spanId] = [id('batch', 16), id('batch root')];
  const own = { traceId, service: 'invoices' };
  const root = {
    ...own,
    spanId,
    name: 'nightly invoices',
    kind: 1,
    start: at(-1_800_000),
    durationMs: 90_000,
  };
  const steps = Array.from({ length: count - 1 }, (_, n) => ({
    ...own,
    parentSpanId: spanId,
    name: `SELECT invoice_${n % 7}`,
    kind: 3,
    start: at(-1_800_000 + n * 4),
    durationMs: 3,
    attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'invoices' },
  }));
  return [root, ...steps];
}

const ROUTES = ['/orders', '/cart', '/items/:id', '/pay', '/users/:id', '/search', '/ship'];

/** Requests of which some are declined, and some ask one by one. */
function smallRequests(count: number): PlainSpan[] {
  return Array.from({ length: count }, (_, n) => {
    const [traceId, spanId, route = ''] = [id(`small ${n}`, 16), id(`small ${n}`), ROUTES[n % ROUTES.length]];
    const start = -1_700_000 + n * 900;
    const isBad = route === '/pay' && n % 3 === 0;
    const isLoop = /orders|search/.test(route) && n % 40 < 7;
    const own = { traceId, service: 'shop' };
    const call = { ...own, parentSpanId: spanId, kind: 3 };
    return [
      {
        ...own,
        spanId,
        name: `GET ${route}`,
        kind: 2,
        start: at(start),
        durationMs: 200,
        attributes: { 'http.route': route, 'http.response.status_code': isBad ? 500 : 200 },
        ...(isBad && { status: 2 as const, statusMessage: 'declined' }),
      },
      ...Array.from({ length: isLoop ? 12 : 1 }, (_, i) => ({
        ...call,
        name: isLoop ? 'SELECT items' : 'SELECT one',
        start: at(start + 5 + i * 12),
        durationMs: isLoop ? 10 : route === '/users/:id' ? 180 : 4,
        attributes: { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT * FROM items WHERE id = $1' },
      })),
    ];
  }).flat();
}
