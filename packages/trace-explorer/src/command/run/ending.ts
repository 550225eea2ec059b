import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { completeResult } from '../../query/api/results.ts';
import { SPANS } from '../../query/ask/scope.ts';
import type { QuerySpecInput } from '../../query/parse/query-spec.ts';
import { ALL_DATASETS } from '../../query/parse/query-spec.ts';
import { FAILED } from '../../shared/failed-spans.ts';
import { shellWord } from '../../shared/harmless-text.ts';
import { counted, listed, quoted } from '../../traces/findings/words.ts';
import { CALL } from '../client/explorer-client.ts';
import { isStarter } from './starters.ts';
import type { Target } from './target.ts';
import type { Seen, Use } from './watch.ts';

/** What a person reads of what a process used. */
const WORDS: readonly (readonly [Use, string])[] = [
  ['fastify', 'Fastify'],
  ['server', "Node's HTTP server"],
  ['fetch', 'fetch'],
  ['client', 'http.request'],
];

/** Settings of the caller that keep spans from being sent. */
const OFF: Readonly<Record<string, RegExp>> = {
  OTEL_SDK_DISABLED: /^true$/i,
  OTEL_TRACES_EXPORTER: /^(?!.*otlp)./,
  OTEL_TRACES_SAMPLER: /always_off$/,
};

const OTHER_LANGUAGES =
  "Python, Go, Java and .NET send spans with OpenTelemetry's own SDK or agent, which reads the variables that the command got.";

/**
 * The last line: how many traces came since then and where they are, or why none came and what to do.
 * @param uses file that `watch.ts` has written
 */
export async function endingOf(
  target: Target,
  { since, uses, env }: { readonly since: number; readonly uses: string; readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  const { client, own } = target;
  const { traces, failed } = await countTraces(target, since);
  if (traces === 0) return `0 traces. ${whyNone(readUses(uses), env)}`;
  const again = process.env.TANDEM
    ? `DATA_DIR=${shellWord(own?.folder ?? '')} ${CALL} dev`
    : `npx @tandem/trace-explorer --data-dir ${shellWord(own?.folder ?? '')} --open`;
  const where = own === undefined ? client.url : `${again} shows them`;
  return `${counted(traces, 'trace')}, ${failed} with errors: ${where}`;
}

/** Why no trace came: what was started, what it used, and what to do. */
function whyNone(seen: readonly Seen[], env: NodeJS.ProcessEnv): string {
  const off = Object.keys(OFF).find((name) => OFF[name]?.test(env[name] ?? ''));
  if (off !== undefined) return `${off}=${quoted(env[off] ?? '')} keeps spans from being sent: unset it.`;
  const apps = seen.filter(({ file }) => !isStarter(file));
  if (apps.length === 0) return `The command started no app of Node. ${OTHER_LANGUAGES}`;
  const files = [...new Set(apps.map(({ file }) => (file === '' ? 'node' : quoted(basename(file)))))];
  const used = WORDS.filter(([use]) => apps.some((app) => app.use === use));
  const started = `The command started ${listed(files)}`;
  if (used.length === 0) return `${started}: no request came and none was sent. Send one while it runs.`;
  const what = listed(used.map(([, word]) => word));
  return `${started}, which used ${what}; its spans did not come. Requests to /health have none. OTEL_LOG_LEVEL=info shows what became of others.`;
}

/** What the processes were seen to use; nothing where none of them is a process of Node. */
function readUses(path: string): Seen[] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line): Seen => JSON.parse(line));
  } catch {
    return [];
  }
}

/** Counts the traces that began at a time or later, in seconds since the epoch. */
async function countTraces({ client }: Target, since: number) {
  const traces = { op: 'COUNT_DISTINCT', column: 'trace.trace_id' } as const;
  const query: QuerySpecInput = {
    calculations: [
      { ...traces, name: 'traces', filters: [SPANS] },
      { ...traces, name: 'failed', filters: [SPANS, ...FAILED] },
    ],
    start_time: Math.floor(since),
    end_time: Math.ceil(Date.now() / 1000) + 1,
  };
  const { data } = await completeResult(query, ALL_DATASETS, client.ask);
  const counts = data?.results[0]?.data ?? {};
  return { traces: Number(counts.traces ?? 0), failed: Number(counts.failed ?? 0) };
}
