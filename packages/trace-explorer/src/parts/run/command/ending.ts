import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describeHoles } from '@tandem/telemetry/workspace';
import { openWith } from '../../../core/call.ts';
import type { EndedRun, NodePart, RunSaid } from '../../../core/door/node.ts';
import { GIVEN_ENVIRONMENT } from '../../../core/process-settings.ts';
import { completeResult } from '../../../core/query/api/results.ts';
import { FAILED } from '../../../core/query/build/failed-spans.ts';
import { SPANS } from '../../../core/query/build/scope.ts';
import { ALL_DATASETS } from '../../../core/query/parse/all-datasets.ts';
import type { Filter, QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import { failureOf } from '../../../core/runs/exit-code.ts';
import { RUN_ID } from '../../../core/runs/run-fields.ts';
import type { Run } from '../../../core/runs/schemas.ts';
import { withoutCommands } from '../../../core/shared/harmless-text.ts';
import { counted, listed, quoted } from '../../../core/shared/words.ts';
import { containersAdvice, startsContainers } from './containers.ts';
import { isStarter } from './starters.ts';
import type { Target } from './target.ts';
import { unseenTests } from './test-runners.ts';
import { watchUnreached } from './unreached.ts';
import type { Seen, Use } from './watch.ts';

/** The words for each part that a process used. */
const WORDS: readonly (readonly [Use, string])[] = [
  ['fastify', 'Fastify'],
  ['server', "Node's HTTP server"],
  ['fetch', 'fetch'],
  ['client', 'http.request'],
  ['http2-server', "Node's HTTP/2 server"],
  ['http2-client', 'http2.connect'],
];

/** The lines about libraries with spans for a part of their work. */
const IN_PART: Readonly<Partial<Record<Use, string>>> = {
  grpc: 'gRPC has spans of HTTP/2, which do not know the status of a call.',
  'http2-client':
    'Requests of node:http2 have spans, but do not carry the trace: Node lets no listener add a header.',
};

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
  "Python, Go, Java, .NET and Bun send spans with OpenTelemetry's own SDK or agent, and Deno by itself; each reads the variables that the command got.";

/** Said once: at the start where the shell has the key, else at the end, where a process has it of a file of its own. */
export const NOT_TO_HONEYCOMB =
  'HONEYCOMB_API_KEY is set, but nothing goes to Honeycomb. To send the traces there too, use run --honeycomb.';

/** The facts that `run` has about the ended command. */
interface Ended extends Pick<EndedRun, 'id' | 'since' | 'agent' | 'exitCode' | 'last'> {
  readonly command: readonly string[];
  /** File that `watch.ts` has written. */
  readonly uses: string;
  readonly env: NodeJS.ProcessEnv;
  /** Notes from the time when the command ran. */
  readonly said: ReadonlySet<string>;
}

/** How often `run` looks for processes that cannot be traced, in milliseconds. */
const LOOK_MS = 500;

/** Says at once which processes of a command cannot be traced. Returns a function that ends this and returns the said processes. */
export function sayUntraced(uses: string): () => ReadonlySet<string> {
  const said = new Set<string>();
  const stopWatching = watchUnreached(uses);
  const look = setInterval(() => {
    for (const note of readUses(uses).flatMap(untracedNote)) {
      if (!said.has(note)) process.stderr.write(`${withoutCommands(note)}\n`);
      said.add(note);
    }
  }, LOOK_MS);
  return () => {
    clearInterval(look);
    stopWatching();
    return said;
  };
}

/** The last lines of a run. */
interface Ending {
  readonly text: string;
  /** All of it, for a file. */
  readonly facts: object;
  readonly places: NonNullable<RunSaid['places']>;
}

/** How long spans may be under way when a run has ended, in milliseconds. */
const UNDER_WAY_MS = 500;
const NOT_THERE = 'its spans did not arrive';

/** The last lines, as `endingNow` has them: that spans did not arrive is said after the store was asked again. @throws Error likewise */
export async function endingOf(parts: readonly NodePart[], target: Target, ended: Ended): Promise<Ending> {
  const first = await endingNow(parts, target, ended);
  if (!first.text.includes(NOT_THERE)) return first;
  await setTimeout(UNDER_WAY_MS);
  return endingNow(parts, target, ended);
}

/**
 * The last lines: what else was traced, and which processes could not be traced; then what is wrong, or how many traces came of
 * the command, and where they are; or why none came and what to do.
 * @throws Error where the explorer does not answer
 */
async function endingNow(
  parts: readonly NodePart[],
  target: Target,
  { uses, env, said, command, ...ended }: Ended,
): Promise<Ending> {
  const seen = readUses(uses);
  const [columns, { runs }] = await Promise.all([
    target.client.ask<{ key_name: string }[]>(`/1/columns/${ALL_DATASETS}`),
    target.client.ask<{ runs: Run[] }>('/api/runs'),
  ]);
  const run: EndedRun = {
    ...ended,
    program: basename(command[0] ?? ''),
    hasTests: runs.some((each) => each.id === ended.id && each.tests > 0),
    columns: new Set(columns.map(({ key_name }) => key_name)),
  };
  const endings = await Promise.all(parts.map((each) => each.runEnding?.()));
  const told = (await Promise.all(endings.map((say) => say?.(target.client, run)))).filter(
    (each) => each !== undefined,
  );
  const verdict = told.find(({ facts }) => facts !== undefined);
  const { client, own } = target;
  const show = own === undefined ? `${client.url}/?run=${run.id}` : openWith(own.folder);
  const last =
    verdict === undefined
      ? ((await tracesLine(target, run)) ?? `0 traces. ${await whyNone(seen, env, command, run, target)}`)
      : `Show them: ${show}`;
  const isSaid = (note: string) =>
    said.has(note) ||
    (note === NOT_TO_HONEYCOMB && target.forward !== undefined) ||
    (GIVEN_ENVIRONMENT.TANDEM !== undefined && note === describeHoles(process.versions.node)); // the launcher's first line
  const notes = [
    ...notesOf(seen, env).filter((note) => !isSaid(note)),
    ...unseenTests(seen, run.hasTests),
    ...told.filter((each) => each !== verdict).map(({ text }) => text),
  ];
  const lines = [...notes, ...(verdict === undefined ? [] : [verdict.text]), last];
  return {
    text: withoutCommands(lines.join('\n')),
    facts: {
      run: run.id,
      program: run.program,
      exit_code: run.exitCode,
      ...verdict?.facts,
      notes: verdict === undefined ? [...notes, last] : notes,
      show,
    },
    places: verdict?.places ?? [],
  };
}

/** How many traces came and where they are, of a coding agent or of unknown senders; undefined where none came. */
async function tracesLine(target: Target, { id, since, columns }: EndedRun): Promise<string | undefined> {
  const { client, own } = target;
  const where = own === undefined ? client.url : `${openWith(own.folder)} shows them`;
  const isKnown = columns.has(RUN_ID);
  if (isKnown) {
    const { traces, failed } = await countTraces(target, since, [{ column: RUN_ID, op: '=', value: id }]);
    if (traces > 0) return `${counted(traces, 'trace')}, ${failed} with errors: ${where}`;
  }
  const others = await countTraces(target, since, isKnown ? [{ column: RUN_ID, op: 'does-not-exist' }] : []);
  if (others.traces === 0) return undefined;
  return `${counted(others.traces, 'trace')} arrived meanwhile, ${others.failed} with errors. They do not name the command that sent them, because their senders do not use OTEL_RESOURCE_ATTRIBUTES: ${where}`;
}

/** A driver that loads another one, and asks it. */
const INNER: Readonly<Record<string, string>> = { '@libsql/client': 'libsql' };

/** Characters of the reason why a process was not traced: our own sentence with what to do, or an error's message. */
const LONGEST_REASON = 400;

/** A line for each Node with holes, each driver, traced or not, and each process that cannot be traced. */
function notesOf(seen: readonly Seen[], env: NodeJS.ProcessEnv): string[] {
  const dialects = new Set(seen.filter(({ use }) => use === 'traced-dialect').map(({ pid }) => pid));
  const processesOf = (wanted: Use) =>
    new Set(seen.filter(({ use }) => use === wanted).map(({ pid, name }) => `${pid} ${name}`));
  const injected = processesOf('injected-driver');
  const left = processesOf('untraced-copy');
  const own = { use: 'start', name: process.versions.node, file: '', pid: process.pid } as const;
  const notes = [own, ...seen].flatMap(({ pid, use, name = '', file, reason = '' }: Seen) => {
    if (use === 'start') return describeHoles(name) ?? [];
    if (use === 'driver') return [`${name} was traced by @opentelemetry/instrumentation-${name}.`];
    const ofProcess = `${pid} ${INNER[name] ?? name}`;
    if (use === 'injected-driver' && !left.has(ofProcess))
      return [`${name} publishes nothing; run gave it its spans while Node loaded it.`];
    if (use === 'untraced-copy')
      return [
        injected.has(ofProcess)
          ? `One copy of ${name} has its spans by run, and another one has none: ${reason}`
          : `${name} has no spans: ${reason}`,
      ];
    if (
      use === 'untraced-driver' &&
      ![dialects.has(pid), injected.has(ofProcess), left.has(ofProcess)].includes(true)
    )
      return [`${name} has no spans: it publishes nothing, and telemetry gave it no channels.`];
    if (use === 'connection')
      return [`Calls of ${quoted(name)} have no spans: the driver publishes nothing, or is in a bundle.`];
    const inPart = IN_PART[use];
    if (inPart !== undefined) return [inPart];
    if (use === 'untold-tests')
      return [`Tests are not traces on Node ${name}: its node:test reports none. Node 24.16 and 26.1 do.`];
    if (use === 'late-name')
      return [
        `${fileOf(file)} got OTEL_SERVICE_NAME=${quoted(name)} after its start, when its spans had a name already. Set it before: node --env-file=.env.`,
      ];
    if (use === 'key' && !env.HONEYCOMB_API_KEY) return [NOT_TO_HONEYCOMB];
    return untracedNote({ use, name, file });
  });
  return [...new Set(notes)];
}

function untracedNote({ use, name = '', file }: Pick<Seen, 'use' | 'name' | 'file'>): string[] {
  const isNamed = use === 'untraced' && !isStarter(file);
  return isNamed ? [`${fileOf(file)} was not traced: ${quoted(name, LONGEST_REASON)}.`] : [];
}

/** Why no trace came: the started processes, their libraries, and what to do. */
async function whyNone(
  seen: readonly Seen[],
  env: NodeJS.ProcessEnv,
  command: readonly string[],
  run: EndedRun,
  { endpoint }: Target,
): Promise<string> {
  const off = Object.keys(OFF).find((name) => OFF[name]?.test(env[name] ?? ''));
  if (off !== undefined) return `${off}=${quoted(env[off] ?? '')} keeps spans back: unset it.`;
  const all = seen.filter(({ file, use }) => !isStarter(file) && use !== 'containers');
  const untraced = new Set(all.filter(({ use }) => use === 'untraced').map(({ pid }) => pid));
  const apps = all.filter(({ pid }) => !untraced.has(pid));
  const hasContainers = startsContainers(command) || seen.some(({ use }) => use === 'containers');
  if (apps.length === 0 && hasContainers) return await containersAdvice(endpoint);
  if (apps.length === 0 && untraced.size > 0)
    return 'None of the processes of the command could be traced: the lines above say why.';
  if (apps.length === 0) return withoutNode(seen, command, run);
  const files = [...new Set(apps.map(({ file }) => fileOf(file)))];
  const used = WORDS.flatMap(([use, word]) => (apps.some((app) => app.use === use) ? word : []));
  const started = `The command started ${listed(files)}`;
  if (used.length === 0) {
    const advice = apps.length < all.length ? '' : 'Send one while it runs.';
    const words = `${started}: no request reached or left ${files.length === 1 ? 'it' : 'them'}.`;
    return [words, failureOf(run) || advice].filter(Boolean).join(' ');
  }
  if (apps.some(({ use }) => use === 'unsampled'))
    return `${started}, which used ${listed(used)}: requests came with a traceparent that ends in -00, so their caller did not sample them.`;
  return `${started}, which used ${listed(used)}; ${NOT_THERE}. Requests to /health have none. OTEL_LOG_LEVEL=info shows what happened to the others.`;
}

/** Why there was no process of Node: the command failed or was ended before, or it is of another language. */
function withoutNode(seen: readonly Seen[], [command = '']: readonly string[], run: EndedRun): string {
  const failure = failureOf(run);
  if (failure !== '') return OF_OTHERS.test(run.program) ? `${failure} ${OTHER_LANGUAGES}` : failure;
  const isManaged = isStarter(command) || seen.some(({ file }) => isStarter(file));
  if (run.exitCode !== 0 && isManaged)
    return `${quoted(run.program)} was ended before it had started an app.`;
  return `No Node app had the NODE_OPTIONS that run sets. ${OTHER_LANGUAGES}`;
}

function fileOf(file: string): string {
  return file === '' ? 'node' : quoted(basename(file));
}

/** The libraries that the processes used; nothing without a process of Node. */
function readUses(path: string): Seen[] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line): Seen => JSON.parse(line));
  } catch {
    return [];
  }
}

/** Counts the traces that began at a time or later, in seconds since the epoch, among spans that fit. */
async function countTraces({ client }: Target, since: number, filters: readonly Filter[]) {
  const traces = { op: 'COUNT_DISTINCT', column: 'trace.trace_id' } as const;
  const query: QuerySpecInput = {
    calculations: [
      { ...traces, name: 'traces', filters: [SPANS, ...filters] },
      { ...traces, name: 'failed', filters: [SPANS, ...filters, ...FAILED] },
    ],
    start_time: Math.floor(since),
    end_time: Math.ceil(Date.now() / 1000) + 1,
  };
  const { data } = await completeResult(query, ALL_DATASETS, client.ask);
  const counts = data?.results[0]?.data ?? {};
  return { traces: Number(counts.traces ?? 0), failed: Number(counts.failed ?? 0) };
}
