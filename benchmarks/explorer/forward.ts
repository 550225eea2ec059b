import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOtlpReceiver } from '../../packages/otlp/testing/receiver.ts';
import { median } from '../../tools/statistics.ts';
import { startExplorer } from '../lib/explorer-process.ts';
import { exportBody } from '../lib/service-spans.ts';
import type { Figures } from './figures.ts';
import { shown } from './figures.ts';

const BATCH = 512;
const SENDERS = 3;
const ROUNDS = 5;
/** Milliseconds of a clock tick in /proc. */
const TICK_MS = 10;
const DRAIN_LIMIT_MS = 120_000;

/** Processor time of ingest with and without a tee to a receiver on this machine, in turn. Senders send gzip. */
export async function measureForward(spans: number): Promise<Figures> {
  const bodies = Array.from(
    { length: Math.ceil(spans / ROUNDS / BATCH) },
    () => new Uint8Array(exportBody(BATCH)),
  );
  const ofPlain: number[] = [];
  const ofTee: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ofPlain.push(await cpuOf(bodies, false));
    ofTee.push(await cpuOf(bodies, true));
  }
  const [plain, tee] = [median(ofPlain), median(ofTee)];
  return shown({
    'processor time without a tee, µs per span': Number(plain.toFixed(2)),
    'with a tee, µs per span': Number(tee.toFixed(2)),
    'with a tee, times without (at most 1.3)': Number((tee / plain).toFixed(2)),
  });
}

/** Microseconds of processor time per span, until everything was sent on. */
async function cpuOf(bodies: readonly Uint8Array<ArrayBuffer>[], isForwarded: boolean): Promise<number> {
  const ends: (() => unknown)[] = [];
  const test = { teardown: (end: () => unknown) => void ends.push(end) };
  try {
    const there = await startOtlpReceiver();
    there.isKeeping = false;
    test.teardown(() => there.close());
    const explorer = await startExplorer(test, isForwarded ? { EXPLORER_FORWARD: there.url } : {});
    for (let warmUp = 0; warmUp < 20; warmUp++) await explorer.post(new Uint8Array(exportBody(BATCH)));
    const before = cpuMsOf(explorer.pid);
    const waiting = [...bodies];
    const sender = async () => {
      for (let body = waiting.pop(); body; body = waiting.pop()) await explorer.post(body);
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    const end = performance.now() + DRAIN_LIMIT_MS;
    while (isForwarded && performance.now() < end) {
      const metrics = await (await fetch(`${explorer.origin}/metrics`)).text();
      if (metrics.includes('tandem_forward_waiting{signal="traces"} 0\n')) break;
      await sleep(50);
    }
    return ((cpuMsOf(explorer.pid) - before) * 1000) / (bodies.length * BATCH);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

/** Processor time of a process so far (Linux), in milliseconds. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
