import type { Turn } from '../../../lib/node/task-queue.ts';

/** Statements that run at the same time. Each holds one of libuv's threads. Short statements never wait for scans. */
const [SCANS, SHORT] = [2, 2];
/** As many statements as run at the same time. */
export const CONNECTIONS = SCANS + SHORT;

/**
 * What a statement asks of the queue. `short`: about one trace or span. `large`: may take much of DuckDB's memory, so that
 * one runs at a time. `alone`: no scan runs beside it, because it had too little memory beside others.
 */
export interface ReadDemand {
  readonly size: 'short' | 'scan' | 'large' | 'alone';
  /** Milliseconds that its request has used. */
  readonly used: number;
  /** The moment when its request would have had all of its time, by `performance.now()`, if nobody had held it up. */
  readonly late: number;
}

/**
 * Chooses from the one queue of all statements: short ones first, then those that have waited longest, less the time that
 * their request has used. So a request of dozens of statements lets others pass, and still ends. Of the scans, one is of the
 * request that is late by most: requests that only took turns would all be late together.
 */
export function chooseRead(waiting: readonly Turn<ReadDemand>[], running: readonly ReadDemand[]) {
  const scans = running.filter(({ size }) => size !== 'short');
  const short = waiting.find(({ about }) => about.size === 'short');
  if (short !== undefined && running.length - scans.length < SHORT) return short;
  const runs = (wanted: ReadDemand['size']) => scans.some(({ size }) => size === wanted);
  if (scans.length >= SCANS || runs('alone')) return undefined;
  const rank = ({ about, since }: Turn<ReadDemand>) => since + about.used;
  const able = waiting.filter(
    ({ about: { size } }) => size !== 'short' && !(size === 'large' && runs('large')),
  );
  const now = performance.now();
  const isLate = ({ late }: ReadDemand) => late <= now;
  const [latest] = scans.some(isLate)
    ? []
    : able.filter(({ about }) => isLate(about)).sort((a, b) => a.about.late - b.about.late);
  const first = latest ?? able.sort((a, b) => rank(a) - rank(b))[0];
  // Nothing passes a statement that has to be alone: it would wait for ever.
  return first?.about.size === 'alone' && scans.length > 0 ? undefined : first;
}
