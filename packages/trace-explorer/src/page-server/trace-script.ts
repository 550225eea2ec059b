import type { FastifyInstance } from 'fastify';
import { TRACE_SCRIPT_PATH } from '../security.ts';
import { traceScriptBundle } from './bundle.ts';

export interface TraceScriptOptions {
  /** Where the script sends spans. */
  readonly otlpEndpoint: string;
  /** Whether the receiver asks for a token, which a page cannot keep secret. */
  readonly needsToken: boolean;
}

const TOKEN_NEEDED =
  'trace.js: the explorer takes spans only with EXPLORER_TOKEN, which a page cannot keep secret. This page is not traced.';

/** The script that another page of this machine loads, so that its traces begin in the browser. */
export async function traceScriptRoutes(
  app: FastifyInstance,
  { otlpEndpoint, needsToken }: TraceScriptOptions,
): Promise<void> {
  app.get(TRACE_SCRIPT_PATH, { schema: { hide: true } }, async function sendTraceScript(_request, reply) {
    const script = needsToken
      ? `console.info(${JSON.stringify(TOKEN_NEEDED)});`
      : `{const OTLP_ENDPOINT=${JSON.stringify(otlpEndpoint)};${await traceScriptBundle()}}`;
    return reply
      .type('text/javascript; charset=utf-8')
      .header('cache-control', 'no-cache')
      .header('access-control-allow-origin', '*')
      .header('cross-origin-resource-policy', 'cross-origin')
      .send(script);
  });
}
