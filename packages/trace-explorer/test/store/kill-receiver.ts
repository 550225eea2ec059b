import { buildReceiver } from '../../src/receiver/build-receiver.ts';
import { openStore } from '../../src/store/open-store.ts';

/** The process that kill.system.test.ts kills. Prints its port. */
// With little memory, so that there are checkpoints in so short a life.
const store = await openStore({
  directory: process.argv[2] ?? '',
  memoryMb: 32,
  onLost: (sentence) => process.stderr.write(`${sentence}\n`),
});
const app = await buildReceiver({ store });
await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
