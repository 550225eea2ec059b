import { basename } from 'node:path';
import { OPEN, openWith } from '../../../../core/call.ts';
import type { NodePart } from '../../../../core/door/node.ts';
import { completeResult } from '../../../../core/query/api/results.ts';
import { FAILED } from '../../../../core/query/build/failed-spans.ts';
import { SPANS } from '../../../../core/query/build/scope.ts';
import { ALL_DATASETS } from '../../../../core/query/parse/all-datasets.ts';
import type { Filter, QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import { masked, maskedIn } from '../../../../core/redaction/masked.ts';
import { RUN_ID } from '../../../../core/runs/run-fields.ts';
import type { Run } from '../../../../core/runs/schemas.ts';
import { withoutCommands } from '../../../../lib/text/harmless-text.ts';
import { counted } from '../../../../lib/text/words.ts';
import { lookWithin } from '../../../../lib/time/looks.ts';
import { GIVEN_ENVIRONMENT } from '../../../../process-settings.ts';
import type { EndedRun, RunSummary } from '../../contributions.ts';
import type { Target } from '../target.ts';
import { restrictedCommand } from '../unreached.ts';
import type { Seen } from '../watch.ts';
import { asksForSpans, NOT_TO_HONEYCOMB, notesOf } from './notes.ts';
import { NOT_THERE, whyNone } from './nothing-came.ts';
import { unseenTests } from './test-runners.ts';
import { readUses } from './uses.ts';

/** The facts that `run` has about the ended command. */
interface Ended
  extends Pick<EndedRun, 'id' | 'since' | 'agent' | 'exitCode' | 'last' | 'stopped' | 'profiling' | 'known'> {
  readonly command: readonly string[];
  /** File that `watch.ts` has written. */
  readonly uses: string;
  readonly env: NodeJS.ProcessEnv;
  /** Notes from the time when the command ran. */
  readonly said: ReadonlySet<string>;
  /** Whether `open` in this folder takes this run. */
  readonly isKept: boolean;
}

/** The last lines of a run. */
interface Ending {
  readonly text: string;
  /** All of it, for a file. */
  readonly facts: object;
  readonly places: NonNullable<RunSummary['places']>;
  readonly problems: number | undefined;
}

/** How long spans may be under way when a run has ended, and when the store is asked again, in milliseconds. */
const UNDER_WAY = { ms: 3_000, pauseMs: 500 };

/** Fields in which spans name the database or queue that they ask. */
const SYSTEM_FIELDS = ['db.system.name', 'db.system', 'messaging.system', 'messaging.system.name'];

/**
 * The last lines, as `endingNow` has them. Where spans did not arrive, the store is asked again until they have and two answers
 * agree, for three seconds at most: a busy explorer has not written the last ones yet. @throws Error likewise
 */
export async function endingOf(parts: readonly NodePart[], target: Target, ended: Ended): Promise<Ending> {
  let ending: Ending | undefined;
  await lookWithin(UNDER_WAY, async () => {
    const before = ending?.text;
    ending = await endingNow(parts, target, ended);
    const isThere = !ending.text.includes(NOT_THERE);
    return (isThere && (before === undefined || before === ending.text)) || undefined;
  });
  return ending as Ending;
}

/**
 * The last lines: which processes could not be traced; then what is wrong, or how many traces came of the command, and where
 * they are; or why none came and what to do.
 * @throws Error where the explorer does not answer
 */
async function endingNow(
  parts: readonly NodePart[],
  target: Target,
  { uses, env, said, command, isKept, ...ended }: Ended,
): Promise<Ending> {
  const written = readUses(uses);
  const seen = [...written, ...restrictedCommand(command, written)];
  const [columns, { runs }] = await Promise.all([
    target.client.ask<{ key_name: string }[]>(`/1/columns/${ALL_DATASETS}`),
    target.client.ask<{ runs: Run[] }>('/api/runs'),
  ]);
  const own = runs.find(({ id }) => id === ended.id);
  const run: EndedRun = {
    ...ended,
    program: basename(command[0] ?? ''),
    hasTests: (own?.tests ?? 0) > 0,
    requests: own?.requests ?? 0,
    columns: new Set(columns.map(({ key_name }) => key_name)),
  };
  const endings = await Promise.all(parts.map((each) => each.runEnding?.()));
  const told = (await Promise.all(endings.map((say) => say?.(target.client, run)))).filter(
    (each) => each !== undefined,
  );
  const verdict = told.find(({ facts }) => facts !== undefined);
  const show = placeOf(target, run, isKept);
  const silent = { seen, env, command, run, endpoint: target.endpoint };
  const traces = verdict === undefined ? await tracesLine(target, run, show) : undefined;
  const last =
    verdict === undefined
      ? traces === undefined
        ? await whyNone(silent)
        : [traces]
      : [`Show this run: ${show}`];
  const isSaid = (note: string) =>
    said.has(note) || (note === NOT_TO_HONEYCOMB && target.forward !== undefined);
  const hasCome = verdict !== undefined || traces !== undefined;
  const systems = hasCome ? await systemsOf(target, run, seen) : undefined;
  const notes = [
    ...notesOf(seen, env, systems).filter((note) => !isSaid(note)),
    ...unseenTests(seen, run.hasTests),
    ...told.filter((each) => each !== verdict).map(({ text }) => text),
  ];
  // That nothing is wrong in what was seen says nothing of requests that nobody saw.
  const saysNothing = verdict?.problems === 0 && seen.some(({ use }) => use === 'unseen-request');
  const lines = [...notes, ...(verdict === undefined || saysNothing ? [] : [verdict.text]), ...last];
  return {
    text: withoutCommands(masked(lines.join('\n'))),
    facts: maskedIn({
      run: run.id,
      program: run.program,
      exit_code: run.exitCode,
      ...verdict?.facts,
      notes: verdict === undefined ? [...notes, ...last] : notes,
      show,
    }),
    places: maskedIn(verdict?.places ?? []),
    problems: verdict?.problems,
  };
}

/** Where the run is seen: at an explorer that goes on, else by a command, which needs the folder where it would take another one. */
function placeOf({ client, own }: Target, { id }: EndedRun, isKept: boolean): string {
  if (own === undefined) return `${client.url}/?run=${id}`;
  return isKept && !GIVEN_ENVIRONMENT.DATA_DIR ? OPEN : openWith(own.folder);
}

/** How many traces came and where they are, of a coding agent or of unknown senders; undefined where none came. */
async function tracesLine(
  target: Target,
  { id, since, columns }: EndedRun,
  show: string,
): Promise<string | undefined> {
  const where = target.own === undefined ? target.client.url : `${show} shows them`;
  const isKnown = columns.has(RUN_ID);
  if (isKnown) {
    const { traces, failed } = await countTraces(target, since, [{ column: RUN_ID, op: '=', value: id }]);
    if (traces > 0) return `${counted(traces, 'trace')}, ${failed} with errors: ${where}`;
  }
  const others = await countTraces(target, since, isKnown ? [{ column: RUN_ID, op: 'does-not-exist' }] : []);
  if (others.traces === 0) return undefined;
  return `${counted(others.traces, 'trace')} arrived meanwhile, ${others.failed} with errors. They do not name the command that sent them, because their senders do not use OTEL_RESOURCE_ATTRIBUTES: ${where}`;
}

/** Counts the traces that began at a time or later, in seconds since the epoch, among spans that fit. */
async function countTraces({ client }: Target, since: number, filters: readonly Filter[]) {
  const traces = { op: 'COUNT_DISTINCT', column: 'trace.trace_id' } as const;
  const query: QuerySpecInput = {
    calculations: [
      { ...traces, name: 'traces', filters: [SPANS, ...filters] },
      { ...traces, name: 'failed', filters: [SPANS, ...filters, ...FAILED] },
    ],
    ...rangeSince(since),
  };
  const { data } = await completeResult(query, ALL_DATASETS, client.ask);
  const counts = data?.results[0]?.data ?? {};
  return { traces: Number(counts.traces ?? 0), failed: Number(counts.failed ?? 0) };
}

/** The databases and queues that spans of a run name. Asked where a process loaded a driver that might have none. */
async function systemsOf(
  { client }: Target,
  { id, since, columns }: EndedRun,
  seen: readonly Seen[],
): Promise<ReadonlySet<string>> {
  const breakdowns = SYSTEM_FIELDS.filter((name) => columns.has(name));
  if (!asksForSpans(seen) || breakdowns.length === 0 || !columns.has(RUN_ID)) return new Set();
  const query: QuerySpecInput = {
    breakdowns,
    calculations: [{ op: 'COUNT' }],
    filters: [SPANS, { column: RUN_ID, op: '=', value: id }],
    ...rangeSince(since),
  };
  const { data } = await completeResult(query, ALL_DATASETS, client.ask);
  return new Set(
    (data?.results ?? []).flatMap((row) => breakdowns.map((name) => String(row.data[name] ?? ''))),
  );
}

function rangeSince(since: number) {
  return { start_time: Math.floor(since), end_time: Math.ceil(Date.now() / 1000) + 1 };
}
