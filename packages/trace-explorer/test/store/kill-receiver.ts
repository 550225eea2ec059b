import { buildReceiver } from '../../src/receiver/build-receiver.ts';
import { openStore } from '../../src/store/open-store.ts';

/** The process that kill.system.test.ts kills. Prints its port. */
// Small, so that there are checkpoints and full transactions in so short a life.
const store = await openStore({
  directory: process.argv[2] ?? '',
  maxBytes: 120 * 1024 ** 2,
  onLost: (sentence) => process.stderr.write(`${sentence}\n`),
});
const app = await buildReceiver({ store });
await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
