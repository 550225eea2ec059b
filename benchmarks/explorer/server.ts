// As in the explorer's main.ts: settings first, then code that an earlier start has compiled.
import '../../packages/trace-explorer/src/process-settings.ts';
import module from 'node:module';
import { bytesIn } from '../lib/bytes-in.ts';

module.enableCompileCache();
const { buildReceiver } = await import('../../packages/trace-explorer/src/core/receiver/build-receiver.ts');
const { openStore } = await import('../../packages/trace-explorer/src/core/store/store.ts');

/** The process that main.ts measures: a receiver over a store, asked over IPC. */
const directory = process.argv[2];
if (directory === undefined) throw new Error('Usage: server.ts DIRECTORY');
const store = await openStore({ directory });
const app = await buildReceiver({ store });
await app.listen({ host: '127.0.0.1', port: 0 });
let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 50).unref();

process.on('message', async (question: { id: number; sql?: string; close?: boolean }) => {
  if (question.close === true) {
    await app.close();
    await store.close();
    process.disconnect();
    return;
  }
  const result = question.sql === undefined ? undefined : await store.read(question.sql);
  const { user, system } = process.cpuUsage();
  process.send?.({
    id: question.id,
    rows: result?.rows,
    bytes: bytesIn(directory),
    peak,
    cpuMicroseconds: user + system,
  });
});
const address = app.server.address();
process.send?.({ port: typeof address === 'object' ? address?.port : undefined });
