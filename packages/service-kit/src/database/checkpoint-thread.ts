import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** The thread that `Checkpoints` starts: writes the log back when asked to, and closes the file at the end. */
const database = new DatabaseSync(new URL(workerData));
// The log is whole without this, so what fails now, as on a full disk, is tried again the next time.
parentPort?.on('message', (message: 'write back' | 'close') => {
  if (message === 'close') {
    database.close();
    parentPort?.close();
    return;
  }
  try {
    database.exec('pragma wal_checkpoint(passive)');
  } catch {}
  parentPort?.postMessage('done');
});
