import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

export const redis = new Redis(process.env.REDIS_URL);

/** Does something while nobody else does it for the same item. */
export async function withLock(item, work) {
  const key = `lock:${item}`;
  while ((await redis.set(key, '1', 'PX', 5000, 'NX')) === null) await sleep(15);
  try {
    return await work();
  } finally {
    await redis.del(key);
  }
}
