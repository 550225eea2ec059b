// app.mjs in CommonJS.
const Fastify = require('fastify');
const { Redis } = require('ioredis');

async function main() {
  const redis = new Redis(Number(process.env.REDIS_PORT), '127.0.0.1');
  await redis.ping();
  const app = Fastify();
  app.get('/visits', async () => {
    await redis.set('visits', 'many');
    return redis.get('visits');
  });
  process.once('SIGTERM', async () => {
    await app.close();
    await redis.quit();
  });
  process.stdout.write(`${await app.listen({ port: 0, host: '127.0.0.1' })}\n`);
}

main();
