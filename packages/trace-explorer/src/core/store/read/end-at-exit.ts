import type { DuckDBConnection } from '@duckdb/node-api';

/** Milliseconds between two interrupts, and how many there are: one before a statement runs is lost. */
const PAUSE_MS = 10;
const TIMES = 10;

/** Where statements run, of all stores of the process. */
const open = new Set<ReadonlySet<DuckDBConnection>>();

/**
 * Interrupts the statements that run when the process exits. They run in Node's own threads, and Node waits for these: a process
 * that exits during a statement, as after a second uncaught error, would stay until the statement's end, with nobody left to
 * interrupt it.
 * @param busy the connections with a statement, at any time
 * @returns takes it back
 */
export function endAtExit(busy: ReadonlySet<DuckDBConnection>): () => void {
  if (open.size === 0) process.on('exit', interruptAll);
  open.add(busy);
  return () => {
    open.delete(busy);
    if (open.size === 0) process.off('exit', interruptAll);
  };
}

function interruptAll(): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let nth = 0; nth < TIMES; nth++) {
    const running = [...open].flatMap((busy) => [...busy]);
    if (running.length === 0) return;
    for (const connection of running) connection.interrupt();
    // Nothing else runs any more.
    Atomics.wait(pause, 0, 0, PAUSE_MS);
  }
}
