import { buildReceiver } from '../../../../src/core/receiver/build-receiver.ts';
import { openStore } from '../../../../src/core/store/store.ts';

/** A process that tests kill: a store in a directory, of so many bytes and columns at most. Prints its port. */
const [directory = '', maxBytes, maxColumns] = process.argv.slice(2);
const store = await openStore({
  directory,
  ...(maxBytes !== undefined && { maxBytes: Number(maxBytes) }),
  ...(maxColumns !== undefined && { maxColumns: Number(maxColumns) }),
  onLost: (sentence) => process.stderr.write(`${sentence}\n`),
});
const app = await buildReceiver({ store });
await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
