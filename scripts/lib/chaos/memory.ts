import { readFileSync } from 'node:fs';
import type { Stage } from './stage.ts';

const PAGE_BYTES = 4096;
const SAMPLE_MS = 500;

/** Resident memory of a process in bytes; undefined on systems other than Linux, and for an ended process. */
export function residentBytes(pid: number | undefined): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return undefined;
  }
}

/** Samples the memory of both services together, in bytes, until it is stopped. It skips moments without one of them. */
export function watchMemory({ pair }: Pick<Stage, 'pair'>) {
  const samples: number[] = [];
  const timer = setInterval(() => {
    const [activities, userLookup] = [pair.activities, pair.userLookup].map(({ child }) =>
      residentBytes(child.pid),
    );
    if (activities && userLookup) samples.push(activities + userLookup);
  }, SAMPLE_MS);
  return {
    samples,
    last: () => samples.at(-1) ?? 0,
    peak: () => samples.reduce((peak, bytes) => Math.max(peak, bytes), 0),
    stop: () => clearInterval(timer),
  };
}
