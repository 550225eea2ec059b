import type { McpHttpHandler } from '@modelcontextprotocol/server';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { FastifyInstance } from 'fastify';
import { askingApp } from './asking-app.ts';
import { createMcpServer } from './server.ts';

/** Answers the protocol's requests. It asks the explorer's own routes, with the headers of the sender. */
export function createHttpHandler(app: FastifyInstance, onerror: (error: Error) => void): McpHttpHandler {
  return createMcpHandler(
    ({ requestInfo }) => {
      const headers = Object.fromEntries(requestInfo?.headers ?? []);
      const page = requestInfo === undefined ? '' : new URL(requestInfo.url).origin;
      return createMcpServer({ page, ask: askingApp(app, headers) });
    },
    { onerror },
  );
}
