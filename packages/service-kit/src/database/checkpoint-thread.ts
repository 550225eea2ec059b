import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** Pages of the log from which writing, but not reading, waits until all of it is written back: else it never begins anew. */
const LONG_LOG_PAGES = 3000;
/** Longest wait of this thread for those who read and write. */
const TIMEOUT_MS = 1000;

/** The thread that `Checkpoints` starts: writes the log back when asked to, and closes the file at the end. */
const database = new DatabaseSync(new URL(workerData), { timeout: TIMEOUT_MS });
// The log is whole without this, so what fails now, as on a full disk, is tried again the next time.
parentPort?.on('message', (message: 'write back' | 'close') => {
  if (message === 'close') {
    database.close();
    parentPort?.close();
    return;
  }
  try {
    const done = database.prepare('pragma wal_checkpoint(passive)').get();
    if (Number(done?.log) > LONG_LOG_PAGES) database.exec('pragma wal_checkpoint(restart)');
  } catch {}
  parentPort?.postMessage('done');
});
