import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';
import { openStore } from '../../../../src/core/store/store.ts';

/** A process whose replay never ends with a record that has gzip, and which tests kill. Prints that the store is open, and its notices. */
zlib.gunzipSync = () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  throw new Error('never');
};
syncBuiltinESMExports();
const store = await openStore({ directory: process.argv[2] ?? '', replayPatienceMs: 200 });
process.stdout.write('open\n');
setInterval(() => process.stdout.write(`${store.stats().notices.join()}\n`), 50);
