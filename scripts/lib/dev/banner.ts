import { styleText } from 'node:util';
import { examineSettings } from '@tandem/telemetry/doctor';
import { ofSenders } from '../../../packages/service-kit/src/settings/of-senders.ts';
import { callOf } from '../../../tools/root.ts';
import type { Addresses } from '../addresses.ts';
import { grpcPortOf, localUrl } from '../addresses.ts';
import { askAboutKey } from '../honeycomb/key-answer.ts';
import { forOwnExplorer } from '../processes/own-explorer.ts';

const KEY_TIMEOUT_MS = 2_000;

/**
 * The text for a newcomer when everything runs: where the page and the API are, where spans go, what to try.
 * @param envFile the text of .env
 */
export async function banner(
  addresses: Addresses,
  given: NodeJS.ProcessEnv,
  envFile?: string,
): Promise<string> {
  const env = forOwnExplorer(given);
  const { api, otlp } = addresses;
  const home = `${api.origin}/api/activities/home`;
  const { problem, places } = whereSpansGo(addresses, env);
  const toExplorer = places.includes(otlp.origin);
  const nameOf = (place: string) => (place === otlp.origin ? `the explorer (${place})` : place);
  const grpcPort = toExplorer ? grpcPortOf(env) : undefined;
  const rows: [string, string][] = [
    ['Page', `${localUrl(addresses, 'page')}   the trace explorer`],
    ['API', `${home}   (all routes: ${api.origin}/documentation)`],
    [
      'Spans',
      problem ?? `go to ${places.map(nameOf).join(' and ')}${toExplorer ? '' : ', not to the explorer'}`,
    ],
  ];
  if (grpcPort !== undefined)
    rows.push(['', `Other programs send theirs there too, or over gRPC to http://localhost:${grpcPort}`]);
  if (env.EXPLORER_FORWARD && toExplorer) rows.push(['', 'The explorer sends them on (EXPLORER_FORWARD)']);
  const ofKey = problem === undefined ? await honeycombLine(env, envFile) : undefined;
  if (ofKey !== undefined) rows.push(['', ofKey]);
  rows.push(['Try', `curl ${home}${toExplorer ? `   then   ${callOf('trace', env)}` : ''}`]);
  if (env.OTEL_SERVICE_NAME)
    rows.push([
      'Note',
      `OTEL_SERVICE_NAME=${env.OTEL_SERVICE_NAME} is not used here: each service keeps a name of its own.`,
    ]);
  const lines = rows.map(([label, text]) => `  ${styleText('bold', label.padEnd(6))} ${text}`);
  return `\n${styleText('bold', 'Tandem runs.')} Ctrl+C stops it.\n${lines.join('\n')}\n\n`;
}

/** Origins of the services' destinations: the rest of a URL may hold a password or a token. Or why no spans are sent. */
function whereSpansGo({ otlp }: Addresses, env: NodeJS.ProcessEnv) {
  const { findings, settings } = examineSettings({
    ...ofSenders(env),
    OTEL_EXPORTER_OTLP_ENDPOINT: env.OTEL_EXPORTER_OTLP_ENDPOINT || otlp.origin,
  });
  const places = settings.destinations.map(({ url }) => new URL(url).origin);
  const first = (level: 'problem' | 'warning') => findings.find((finding) => finding.level === level);
  // Telemetry leaves a malformed endpoint out, and warns.
  const why = first('problem') ?? (places.length === 0 ? first('warning') : undefined);
  const problem = why?.level === 'warning' ? `go nowhere. ${why.what}` : why?.what;
  return { problem, places: problem === undefined ? places : [] };
}

/** Says whether Honeycomb takes the services' key; nothing without one, but for one in .env that an empty line hides. */
async function honeycombLine(
  env: NodeJS.ProcessEnv,
  envFile: string | undefined,
): Promise<string | undefined> {
  try {
    const { kind, line, hidden } = await askAboutKey(env, envFile, KEY_TIMEOUT_MS);
    if (hidden !== undefined) return `Honeycomb: no key. ${hidden}`;
    return kind === 'no-key' ? undefined : line;
  } catch (error) {
    return `Honeycomb: not asked. ${error instanceof Error ? error.message : String(error)}`;
  }
}
