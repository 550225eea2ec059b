import Fastify from 'fastify';

/**
 * The service: POST /activities puts one job into the queue.
 * @param send puts jobs, `{ message }` each, into the queue
 */
export async function serve(send) {
  const app = Fastify();
  const schema = {
    body: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
  };
  app.post('/activities', { schema }, async ({ body }, reply) => {
    await send(body);
    return reply.code(202).send({ accepted: true });
  });
  await app.listen({ port: Number(process.env.PORT ?? 3005) });
  return app;
}

/** The work: tells the followers of an author about an activity. */
export async function tellFollowers({ message }) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  if (message === 'fail') throw new Error('a follower cannot be told');
}

/** Ends the process in order on Ctrl+C and SIGTERM. */
export function endWith(...parts) {
  const end = async () => {
    for (const close of parts) await close();
    process.exit(0);
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
}
