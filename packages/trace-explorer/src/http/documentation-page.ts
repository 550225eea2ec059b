import swagger from '@fastify/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastify from 'fastify';

const PREFIX = '/documentation';
/** Neither is in the document. */
const hidden = { schema: { hide: true } } as const;

/**
 * The document of all routes at /documentation/json and /yaml, and Swagger UI at /documentation. Swagger UI with its file
 * server costs 60 to 70 ms of processor time to load, so whoever opens the page first loads it, into a server of its own: a
 * server that answers already takes no more routes. Needs @fastify/swagger.
 */
export function documentationPage(app: FastifyInstance): void {
  let page: Promise<FastifyInstance> | undefined;
  app.get(`${PREFIX}/json`, hidden, (_request, reply) => reply.send(app.swagger()));
  app.get(`${PREFIX}/yaml`, hidden, (_request, reply) =>
    reply.type('application/x-yaml').send(app.swagger({ yaml: true })),
  );
  for (const path of [PREFIX, `${PREFIX}/`, `${PREFIX}/*`])
    app.get(path, hidden, async (request, reply) => {
      page ??= loadPage(app);
      return answerFrom(await page, request, reply);
    });
}

async function loadPage(app: FastifyInstance): Promise<FastifyInstance> {
  const { default: swaggerUi } = await import('@fastify/swagger-ui');
  const page = fastify();
  page.setErrorHandler(app.errorHandler);
  await page.register(swagger); // Swagger UI refuses to start without it
  await page.register(swaggerUi, { routePrefix: PREFIX });
  return page;
}

async function answerFrom(page: FastifyInstance, { url, headers }: FastifyRequest, reply: FastifyReply) {
  // To HEAD, Fastify answers with the headers of GET.
  const answer = await page.inject({ method: 'GET', url, headers });
  if (answer.statusCode === 404) {
    reply.callNotFound();
    return reply;
  }
  const { rawPayload } = answer;
  reply.code(answer.statusCode).headers(answer.headers);
  return rawPayload.length === 0 ? reply.send() : reply.send(rawPayload);
}
