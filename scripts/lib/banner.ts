import { styleText } from 'node:util';
import { checkHoneycombKey, describeKeyCheck } from '@tandem/telemetry/honeycomb';
import type { Addresses } from './workspace.ts';

/** What a newcomer needs once everything runs: where the page and the API are, where spans go, what to try. */
export async function banner(addresses: Addresses, env: NodeJS.ProcessEnv): Promise<string> {
  const check = await checkHoneycombKey({
    apiKey: env.HONEYCOMB_API_KEY,
    endpoint: env.HONEYCOMB_API_ENDPOINT,
    dataset: env.HONEYCOMB_DATASET,
    timeoutMs: 2_000,
  });
  const home = `${addresses.api.origin}/api/activities/home`;
  const rows: [string, string][] = [
    ['Page', `${addresses.page.origin}   the trace explorer`],
    ['API', `${home}   (all routes: ${addresses.api.origin}/documentation)`],
    ['Spans', spansGo(addresses, env)],
    ['', describeKeyCheck(check)],
    ['Try', `curl ${home}   then   pnpm trace`],
  ];
  if (env.OTEL_SERVICE_NAME) {
    rows.push([
      'Note',
      `OTEL_SERVICE_NAME=${env.OTEL_SERVICE_NAME} is not used here: each service keeps a name of its own.`,
    ]);
  }
  const lines = rows.map(([label, text]) => `  ${styleText('bold', label.padEnd(6))} ${text}`);
  return `\n${styleText('bold', 'Tandem runs.')} Ctrl+C stops it.\n${lines.join('\n')}\n\n`;
}

function spansGo(addresses: Addresses, env: NodeJS.ProcessEnv): string {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return 'nowhere: OTEL_SDK_DISABLED=true';
  // The origin alone: the rest of it may hold a password or a token.
  const chosen = [env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, env.OTEL_EXPORTER_OTLP_ENDPOINT]
    .map((text) => URL.parse(text ?? ''))
    .find((url) => url?.protocol === 'http:' || url?.protocol === 'https:')?.origin;
  const explorer = `the explorer (${addresses.otlp.origin})`;
  const first =
    chosen === undefined || chosen === addresses.otlp.origin ? explorer : `${chosen}, not to the explorer`;
  return `go to ${first}${env.HONEYCOMB_API_KEY ? ' and to Honeycomb' : ''}`;
}
