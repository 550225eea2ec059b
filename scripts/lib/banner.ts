import { styleText } from 'node:util';
import { checkHoneycombKey, describeKeyCheck, findKey, parseHoneycombKey } from '@tandem/telemetry/honeycomb';
import type { Addresses } from './addresses.ts';
import { grpcPortOf } from './addresses.ts';
import { callOf } from './root.ts';

/** The text for a newcomer when everything runs: where the page and the API are, where spans go, what to try. */
export async function banner(addresses: Addresses, env: NodeJS.ProcessEnv): Promise<string> {
  const home = `${addresses.api.origin}/api/activities/home`;
  const spans = whereSpansGo(addresses, env);
  const rows: [string, string][] = [
    ['Page', `${addresses.page.origin}   the trace explorer`],
    ['API', `${home}   (all routes: ${addresses.api.origin}/documentation)`],
    ['Spans', spans.text],
    ...otherPrograms(spans, grpcPortOf(env)),
    ...(spans.areSent ? [['', await honeycombLine(env, spans.toHoneycomb)] as [string, string]] : []),
    [
      'Try',
      `curl ${home}${spans.toExplorer ? `   then   ${callOf('trace', env)}${elsewhere(addresses)}` : ''}`,
    ],
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

/** The variable that leads a command to an explorer at another address. */
function elsewhere({ page }: Addresses): string {
  return page.origin === 'http://localhost:3000' ? '' : ` --url ${page.origin}`;
}

/** Most languages' SDKs send over gRPC unless they are told otherwise. */
function otherPrograms({ toExplorer }: Spans, grpcPort: number | undefined): [string, string][] {
  if (!toExplorer || grpcPort === undefined) return [];
  return [['', `Other programs send theirs there too, or over gRPC to http://localhost:${grpcPort}`]];
}

interface Spans {
  /** For people. */
  readonly text: string;
  readonly areSent: boolean;
  readonly toExplorer: boolean;
  /** Whether OTEL_EXPORTER_OTLP_ENDPOINT is Honeycomb's: then a key in the OTLP headers is used. */
  readonly toHoneycomb: boolean;
}

const KEY = 'HONEYCOMB_API_KEY';
const ENDPOINTS = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const;

function whereSpansGo(addresses: Addresses, env: NodeJS.ProcessEnv): Spans {
  const nowhere = { areSent: false, toExplorer: false, toHoneycomb: false };
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true')
    return { ...nowhere, text: 'go nowhere: OTEL_SDK_DISABLED=true' };
  const exporter = env.OTEL_TRACES_EXPORTER?.trim();
  if (exporter === 'none' || exporter === 'console') {
    const text = exporter === 'none' ? 'go nowhere' : 'are printed, and go nowhere else';
    return { ...nowhere, text: `${text}: OTEL_TRACES_EXPORTER=${exporter}` };
  }
  const explorer = `the explorer (${addresses.otlp.origin})`;
  const chosen = ENDPOINTS.map((variable) => ({ variable, url: URL.parse(env[variable] ?? '') })).find(
    ({ url }) => url?.protocol === 'http:' || url?.protocol === 'https:',
  );
  // Only the origin: the rest of the URL may hold a password or a token.
  const origin = chosen?.url?.origin;
  // A malformed key is not sent; the next line says what is wrong.
  const withKey = parseHoneycombKey(env.HONEYCOMB_API_KEY).kind === 'key' ? ' and to Honeycomb' : '';
  if (chosen === undefined || origin === addresses.otlp.origin)
    return { text: `go to ${explorer}${withKey}`, areSent: true, toExplorer: true, toHoneycomb: false };
  const toHoneycomb = chosen.url?.hostname.endsWith('.honeycomb.io') === true;
  const place = toHoneycomb ? `Honeycomb (${origin})` : `${origin}${withKey}`;
  const rest = `not to the explorer: ${chosen.variable} says so`;
  return { text: `go to ${place}, ${rest}`, areSent: true, toExplorer: false, toHoneycomb };
}

/** Whether Honeycomb takes the services' key. The key and its endpoint are read as the services read them. */
async function honeycombLine(env: NodeJS.ProcessEnv, withOtlpHeaders: boolean): Promise<string> {
  try {
    const { OTEL_EXPORTER_OTLP_HEADERS, OTEL_EXPORTER_OTLP_TRACES_HEADERS, ...others } = env;
    const { variable = KEY, ...key } = findKey(withOtlpHeaders ? env : others);
    const line = describeKeyCheck(await checkHoneycombKey({ ...key, timeoutMs: 2_000 }));
    return variable === KEY ? line : line.replaceAll(KEY, `x-honeycomb-team in ${variable}`);
  } catch (error) {
    return `Honeycomb: not asked. ${error instanceof Error ? error.message : String(error)}`;
  }
}
