import type { FastifyInstance } from 'fastify';
import type { Asset } from '../../../core/page-server/asset.ts';
import { assetOf, sendAsset } from '../../../core/page-server/asset.ts';
import { scriptBundle } from '../../../core/page-server/bundle.ts';
import { part } from '../part.ts';

/** The script that other pages of this machine load, to be traced. */
const TRACE_SCRIPT_PATH = '/trace.js';

export interface TraceScriptOptions {
  /** Where the script sends spans. */
  readonly otlpEndpoint: string;
  /** Whether the receiver asks for a token, which a page cannot keep secret. */
  readonly needsToken: boolean;
}

const TOKEN_NEEDED =
  'trace.js: the explorer takes spans only with EXPLORER_TOKEN, which a page cannot keep secret. This page has no traces.';

/** The script that another page of this machine loads, so that its traces begin in the browser. */
export async function traceScriptRoutes(
  app: FastifyInstance,
  { otlpEndpoint, needsToken }: TraceScriptOptions,
): Promise<void> {
  let asset: Asset | undefined;
  const options = { schema: { hide: true }, config: { forLocalPages: true } } as const;
  app.get(TRACE_SCRIPT_PATH, options, async function sendTraceScript(request, reply) {
    const script = needsToken
      ? `console.info(${JSON.stringify(TOKEN_NEEDED)});`
      : `{const OTLP_ENDPOINT=${JSON.stringify(otlpEndpoint)};${(await scriptBundle(part)).script}}`;
    asset ??= assetOf(TRACE_SCRIPT_PATH, Buffer.from(script));
    reply
      .header('cache-control', 'no-cache')
      .header('access-control-allow-origin', '*')
      .header('cross-origin-resource-policy', 'cross-origin');
    return sendAsset(asset, request, reply);
  });
}
