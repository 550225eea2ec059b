import { endedSuddenly, failureOf } from '../../../../core/runs/exit-code.ts';
import { listed, quoted } from '../../../../lib/text/words.ts';
import type { EndedRun } from '../../contributions.ts';
import { isStarter } from '../starters.ts';
import type { Seen, Use } from '../watch.ts';
import { containersAdvice, startsContainers } from './containers.ts';
import { fileOf } from './uses.ts';

/** The words for each part that a process used. */
const WORDS: readonly (readonly [Use, string])[] = [
  ['fastify', 'Fastify'],
  ['server', "Node's HTTP server"],
  ['fetch', 'fetch'],
  ['client', 'http.request'],
  ['http2-server', "Node's HTTP/2 server"],
  ['http2-client', 'http2.connect'],
];

/** Settings of the caller that keep spans back. */
const OFF: Readonly<Record<string, RegExp>> = {
  OTEL_SDK_DISABLED: /^true$/i,
  OTEL_TRACES_EXPORTER: /^(?!.*otlp)./,
  OTEL_TRACES_SAMPLER: /always_off$/,
  TRACEPARENT: /-[0-9a-f][02468ace]$/, // its caller did not sample the trace
};

/** Programs of these languages. */
const OF_OTHERS = /^(?:python|pypy|go|java|dotnet|bun|deno)[\d.]*$/;
const OTHER_LANGUAGES =
  "OpenTelemetry's own SDK or agent for Python, Go, Java, .NET or Bun reads the variables that run set, and Deno reads them by itself.";

export const NOT_THERE = 'its spans did not arrive';

/** What is known of a command whose traces did not come. */
interface Silent {
  readonly seen: readonly Seen[];
  readonly env: NodeJS.ProcessEnv;
  readonly command: readonly string[];
  readonly run: EndedRun;
  /** Where the explorer takes OTLP. */
  readonly endpoint: string;
}

/** Why no trace came, and what to do: the exit code first. Nothing where the lines about single processes say all. */
export async function whyNone({ seen, env, command, run, endpoint }: Silent): Promise<string[]> {
  const off = Object.keys(OFF).find((name) => OFF[name]?.test(env[name] ?? ''));
  if (off !== undefined) return [`${off}=${quoted(env[off] ?? '')} keeps spans back: unset it.`];
  const all = seen.filter(({ file, use }) => !isStarter(file) && use !== 'containers');
  const untraced = new Set(all.filter(({ use }) => use === 'untraced').map(({ pid }) => pid));
  const apps = all.filter(({ pid }) => !untraced.has(pid));
  const hasContainers = startsContainers(command) || seen.some(({ use }) => use === 'containers');
  if (apps.length === 0 && hasContainers) return [await containersAdvice(endpoint)];
  const failure = failureOf(run);
  const first = failure === '' ? [] : [failure];
  if (apps.length === 0 && all.length > 0) return first;
  if (apps.length > 0 && apps.every(({ use }) => use === 'restricted')) return first; // a note says it
  if (apps.length === 0) return withoutNode(seen, command, run);
  const files = [...new Set(apps.map(({ file }) => fileOf(file)))];
  const used = WORDS.flatMap(([use, word]) => (apps.some((app) => app.use === use) ? word : []));
  if (used.length === 0) return [...first, unaskedLine(files, apps, failure !== '')];
  const started = `The command started ${listed(files)}`;
  const what = listed(used);
  if (apps.some(({ use }) => use === 'unsampled'))
    return [
      ...first,
      `${started}, which used ${what}: requests came with a traceparent that ends in -00, so their caller did not sample them.`,
    ];
  if (endedSuddenly(run.exitCode)) return [...first, `${started}, which used ${what}; ${NOT_THERE}.`];
  return [
    ...first,
    `${started}, which used ${what}; ${NOT_THERE}. Requests to /health have none. OTEL_LOG_LEVEL=info shows what happened to the others.`,
  ];
}

/** A server that nobody asked, and how to ask it; or a program that asked nobody. */
function unaskedLine(files: readonly string[], apps: readonly Seen[], hasFailed: boolean): string {
  const server = apps.find(({ use }) => use === 'listen');
  const who = server === undefined ? listed(files) : fileOf(server.file);
  if (hasFailed) return `No request had reached ${who}.`;
  if (server?.name === undefined) return `No request reached or left ${who}.`;
  const { port, protocol } = new URL(server.name);
  return `No request reached ${who}. It listens on port ${port || (protocol === 'https:' ? '443' : '80')}: curl ${server.name} while it runs.`;
}

/** Why there was no process of Node: the command failed or was ended before, or it is of another language. */
function withoutNode(seen: readonly Seen[], [command = '']: readonly string[], run: EndedRun): string[] {
  const failure = failureOf(run);
  if (failure !== '') return OF_OTHERS.test(run.program) ? [failure, OTHER_LANGUAGES] : [failure];
  const isManaged = isStarter(command) || run.program === 'node' || seen.some(({ file }) => isStarter(file));
  if (run.exitCode !== 0 && isManaged)
    return [`${quoted(run.program)} was ended before it had started an app.`];
  if (OF_OTHERS.test(run.program))
    return [`${quoted(run.program)} is not Node, so run traced nothing. ${OTHER_LANGUAGES}`];
  return [`No app of Node was started, so run traced nothing. ${OTHER_LANGUAGES}`];
}
