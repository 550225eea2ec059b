import { readFileSync } from 'node:fs';
import type { Stage } from './stage.ts';

const PAGE_BYTES = 4096;
const SAMPLE_MS = 500;

/** Resident memory of a process in bytes, as Linux tells; undefined elsewhere, and for a process that has ended. */
export function residentBytes(pid: number | undefined): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return undefined;
  }
}

/** Looks at the memory of both services, together, until it is stopped. Bytes; times at which one is away are left out. */
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
