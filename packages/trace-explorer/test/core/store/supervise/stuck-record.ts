import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';
import { openStore } from '../../../../src/core/store/store.ts';

/** A process whose replay never ends with a record that has gzip, and which tests kill. Prints that the store is open. */
zlib.gunzipSync = () => {
  for (;;);
};
syncBuiltinESMExports();
await openStore({ directory: process.argv[2] ?? '', replayPatienceMs: 200 });
process.stdout.write('open\n');
