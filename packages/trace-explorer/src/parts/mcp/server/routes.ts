import type { McpHttpHandler } from '@modelcontextprotocol/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServerContext } from '../../../core/door/node.ts';
import { toolsOf } from '../../../core/door/node.ts';
import { clientGone } from '../../../http/client-gone.ts';
import { originOf } from '../../../http/origin-of.ts';

/** Bytes of a request: a query and the protocol around it. */
const BODY_LIMIT = 512 * 1024;

/**
 * `/mcp`: the Model Context Protocol over streamable HTTP, for agents on this machine. It keeps no state between requests. The
 * first request loads the SDK, so an explorer without agents takes no memory for it.
 */
export async function mcpRoutes(
  app: FastifyInstance,
  { parts }: Pick<ServerContext, 'parts'>,
): Promise<void> {
  let handler: Promise<McpHttpHandler> | undefined;
  app.addHook('preClose', async function closeMcp() {
    await (await handler)?.close();
  });
  app.route({
    method: ['GET', 'POST', 'DELETE'],
    url: '/mcp',
    schema: { hide: true },
    bodyLimit: BODY_LIMIT,
    async handler(request, reply) {
      handler ??= Promise.all([import('./http-handler.ts'), toolsOf(parts)]).then(
        ([{ createHttpHandler }, tools]) =>
          createHttpHandler(app, tools, (error) => app.log.warn({ err: error }, 'MCP request')),
      );
      const { fetch } = await handler;
      return reply.send(await fetch(webRequest(request, reply), { parsedBody: request.body }));
    },
  });
}

/** The request in the SDK's form, with the parsed body. */
function webRequest(request: FastifyRequest, reply: FastifyReply): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    for (const each of [value ?? []].flat()) headers.append(name, each);
  }
  return new Request(new URL(request.url, originOf(request)), {
    method: request.method,
    headers,
    signal: clientGone(reply),
  });
}
