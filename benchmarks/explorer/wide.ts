import type { Figures } from './figures.ts';
import { shown } from './figures.ts';
import { sendAll, withServer } from './server-process.ts';
import { WIDE_BATCH, wideBody } from './wide-bodies.ts';

const BODIES = 20;

/** Spans into a store of 2,000 fields: each has 20 attributes, each export has all of them. */
export async function measureWide(): Promise<Figures> {
  const bodies = Array.from({ length: BODIES }, (_, index) => wideBody(index));
  return withServer(async (server) => {
    // The columns are made before the clock starts.
    await sendAll(server, bodies.slice(0, 1));
    const before = await server.ask();
    const started = performance.now();
    await sendAll(server, bodies.slice(1));
    const seconds = (performance.now() - started) / 1000;
    const { rows, cpuMicroseconds, peak } = await server.ask('SELECT count(*) FROM spans');
    const spans = (BODIES - 1) * WIDE_BATCH;
    return shown({
      'with 2,000 columns, spans/s (at least 10,000)': Math.round(spans / seconds),
      'spans lost (0)': BODIES * WIDE_BATCH - Number(rows?.[0]?.[0]),
      'processor time of the server, µs per span': Math.round(
        (cpuMicroseconds - before.cpuMicroseconds) / spans,
      ),
      'peak resident memory, MB': Math.round(peak / 1e6),
    });
  });
}
