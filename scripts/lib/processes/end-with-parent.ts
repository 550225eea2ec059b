import { isMainThread } from 'node:worker_threads';

// Loaded by `node --import` before a part of the workspace. When the parent ends in any way, the channel to the parent
// closes, and the part ends as after SIGTERM. Threads load this file too, and have no channel.
if (isMainThread) {
  const end = () => process.kill(process.pid, 'SIGTERM');
  process.once('disconnect', end);
  process.channel?.unref();
  if (!process.connected) end();
}
