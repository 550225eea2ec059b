import { buildReceiver } from '../../src/receiver/build-receiver.ts';
import { openStore } from '../../src/store/open-store.ts';

/** The process that kill.system.test.ts kills: a store in a directory, of so many bytes at most. Prints its port. */
const [directory = '', maxBytes] = process.argv.slice(2);
const store = await openStore({
  directory,
  ...(maxBytes !== undefined && { maxBytes: Number(maxBytes) }),
  onLost: (sentence) => process.stderr.write(`${sentence}\n`),
});
const app = await buildReceiver({ store });
await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
