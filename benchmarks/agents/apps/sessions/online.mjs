import { Redis } from 'ioredis';

const IDS = Array.from({ length: 60 }, (_, i) => i);

export const redis = new Redis(process.env.REDIS_URL);

export async function start() {
  for (const id of IDS) await redis.set(`session:${id}`, `user ${id}`);
}

/** Everybody who is here now. */
export async function onlineNow() {
  const here = [];
  for (const id of IDS) {
    const user = await redis.get(`session:${id}`);
    if (user !== null) here.push(user);
  }
  return here;
}
