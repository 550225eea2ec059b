import type { McpHttpHandler } from '@modelcontextprotocol/server';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { FastifyInstance } from 'fastify';
import type { Tool } from '../../../core/tools/tool.ts';
import { askerGone } from '../../../http/client-gone.ts';
import type { Ask, AskOptions } from '../../../lib/request-json.ts';
import { describeFailure } from '../../../lib/text/describe-failure.ts';
import { jsonOrNothing } from '../../../lib/text/parse-json.ts';
import { createMcpServer } from './server.ts';

/** Answers the protocol's requests: with the first tools, or with all where the URL says `?tools=all`. It asks the explorer's own routes, with the headers of the sender. */
export function createHttpHandler(
  app: FastifyInstance,
  tools: readonly Tool[],
  onerror: (error: Error) => void,
): McpHttpHandler {
  return createMcpHandler(
    ({ requestInfo }) => {
      const headers = Object.fromEntries(requestInfo?.headers ?? []);
      const { origin, searchParams } = new URL(requestInfo?.url ?? 'http://localhost');
      const all = searchParams.get('tools') === 'all';
      const explorer = { page: origin, ask: askingApp(app, headers) };
      return createMcpServer(tools, async () => explorer, all);
    },
    { onerror },
  );
}

/** Headers of the answered request that the API needs, too: the addressed host and the credentials. */
const HANDED_ON = ['host', 'authorization', 'cookie'] as const;

/**
 * Asks the server's own routes, without a connection.
 * @param headers of the request that is being answered
 */
export function askingApp(app: FastifyInstance, headers: Readonly<Record<string, unknown>>): Ask {
  const own = Object.fromEntries(
    HANDED_ON.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])),
  );
  return async <T>(path: string, { method = 'GET', body, signal }: AskOptions = {}) => {
    const request = {
      method,
      url: path,
      headers: { ...own, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    };
    const response = await askerGone.run(
      signal,
      async () => await app.inject({ ...request, ...(signal && { signal }) }),
    );
    const answer: unknown = jsonOrNothing(response.body);
    if (response.statusCode < 400) return answer as T;
    throw new Error(describeFailure(answer) ?? `The explorer answered ${response.statusCode}.`);
  };
}
