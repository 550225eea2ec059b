import { isMainThread } from 'node:worker_threads';

// Loaded by `node --import` before a part of the workspace. The channel to the parent closes with the parent, however
// the parent ends the parent; the part then ends as after SIGTERM. Threads load this file too, and have no channel.
if (isMainThread) {
  const end = () => process.kill(process.pid, 'SIGTERM');
  process.once('disconnect', end);
  process.channel?.unref();
  if (!process.connected) end();
}
