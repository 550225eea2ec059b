import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { ServerContext } from '../../../core/door/node.ts';
import type { AcceptedHere } from '../../../core/problems/file/accepted.ts';
import { knownIn } from '../../../core/problems/file/known-here.ts';
import { chooseRuns, readRuns } from '../../../core/runs/read-runs.ts';
import type { Run } from '../../../core/runs/schemas.ts';
import { documented } from '../../../http/documented.ts';
import { whileAwaited } from '../../../http/while-awaited.ts';
import { strictObject } from '../../../lib/strict-object.ts';
import { nanosecondsOf } from '../../../lib/time/time-range.ts';
import { RunsCompared } from './flaky/schemas.ts';
import { compareRuns, MOST_COMPARED, runsLike } from './flaky/several-runs.ts';
import { judgedReport, judgedVerdict, toldOf } from './judged.ts';
import type { RunScope } from './read-run.ts';
import { buildReport } from './report.ts';
import { RunReport } from './schemas.ts';
import { buildVerdict } from './verdict/build-verdict.ts';
import { Verdict } from './verdict/schemas.ts';

/** Milliseconds for a report, which reads all traces of both runs. */
const TIMEOUT_MS = 60_000;

const sightings = Type.Optional(
  Type.Boolean({
    description: 'true: with what was seen of each cause, as a project’s file of known problems compares it',
  }),
);

const known = Type.Optional(
  Type.Boolean({
    description: 'true: marks the problems that the project of the run’s folder has accepted',
  }),
);

const ReportQuery = strictObject({
  run: Type.Optional(
    Type.String({ description: 'id or name of a run; by default the newest that is not the base' }),
  ),
  base: Type.Optional(Type.String({ description: 'id or name of the run to compare with' })),
  times: Type.Optional(
    Type.Boolean({ description: 'false: how much the processors worked differs, so times are not compared' }),
  ),
  sightings,
  known,
});

const VerdictQuery = strictObject({
  run: Type.Optional(Type.String({ description: 'id of a run; all senders without one' })),
  last: Type.Optional(Type.String({ description: 'id of the run before, to say what is new' })),
  since: Type.Optional(Type.Number({ description: 'only what came since, in seconds since the epoch' })),
  stopped: Type.Optional(
    Type.Number({
      description:
        'when the command was asked to stop, in seconds since the epoch: requests that were open then did not fail',
    }),
  ),
  last_stopped: Type.Optional(Type.Number({ description: 'the same of the run before' })),
  running: Type.Optional(
    Type.Boolean({
      description: 'true: the command still runs, and only its 200 newest whole traces are read',
    }),
  ),
  sightings,
  known,
});

const FlakyQuery = strictObject({
  run: Type.Optional(
    Type.String({ description: 'id or name of a run, whose commit is compared; by default the newest' }),
  ),
  count: Type.Optional(
    Type.Integer({
      minimum: 2,
      maximum: MOST_COMPARED,
      description: 'how many of the newest runs of that commit; all',
    }),
  ),
  runs: Type.Optional(
    Type.String({
      maxLength: 40 * MOST_COMPARED,
      description: 'instead: the ids of runs, with commas between them',
    }),
  ),
});

/**
 * `GET /api/report`: the report of a run, and the changes. `GET /api/verdict`: what `run` says at its end. `GET /api/flaky`: the
 * tests whose outcome differs between runs.
 */
export const reportRoutes: FastifyPluginAsyncTypebox<
  Pick<ServerContext, 'store' | 'folderOf' | 'exitCodeOf'>
> = async (app, { store, folderOf, exitCodeOf }) => {
  app.get(
    '/api/report',
    documented('report', 'What a run did: tests, causes, and what changed against another run', RunReport, {
      querystring: ReportQuery,
    }),
    async function showReport({ query }, reply) {
      const limits = whileAwaited(reply, TIMEOUT_MS);
      const { run, base } = chooseRuns(await readRuns(store, limits), query.run, query.base);
      const { times: comparesTimes = true, sightings = false } = query;
      const known = await acceptedOf(run.id, query.known);
      const asked = { comparesTimes, sightings: sightings || known.accepted !== undefined };
      const report = await buildReport(store, await ended(run), base, limits, asked);
      const { accepted, place, fault } = known;
      const told = accepted ? toldOf(judgedReport(report, accepted, place), accepted, place) : report;
      return { ...told, ...(fault !== undefined && { known_fault: fault }) };
    },
  );

  app.get(
    '/api/flaky',
    documented('report', 'Tests whose outcome differs between runs, and what differs', RunsCompared, {
      querystring: FlakyQuery,
    }),
    async function showFlaky({ query: { run, count = MOST_COMPARED, runs: ids } }, reply) {
      const limits = whileAwaited(reply, TIMEOUT_MS);
      const all = await readRuns(store, limits);
      const { run: newest } = chooseRuns(all, run ?? ids?.split(',').at(-1), undefined);
      const wanted = new Set(ids?.split(',').slice(0, MOST_COMPARED));
      const runs =
        ids === undefined
          ? runsLike(all, newest, count)
          : all.filter(({ id }) => wanted.has(id)).toReversed();
      return compareRuns(store, await Promise.all(runs.map(ended)), limits);
    },
  );

  app.get(
    '/api/verdict',
    documented('report', 'What a run says at its end: the causes, worst first', Verdict, {
      querystring: VerdictQuery,
    }),
    async function showVerdict({ query }, reply) {
      const { run, last, since, stopped, last_stopped, running, sightings = false } = query;
      const { accepted, place } = await acceptedOf(run, query.known);
      const limits = whileAwaited(reply, TIMEOUT_MS);
      const before = last === undefined ? undefined : scopeOf(last, last_stopped);
      const verdict = await buildVerdict(store, scopeOf(run, stopped, since), before, limits, {
        isRunning: running,
        sightings: sightings || accepted !== undefined,
      });
      return accepted ? judgedVerdict(verdict, accepted, place) : verdict;
    },
  );

  /** A run with its exit code, where that says more than its tests. */
  async function ended(run: Run): Promise<Run> {
    if (run.tests === 0 || run.failed > 0) return run;
    const exit_code = await exitCodeOf(run.id);
    return exit_code === undefined ? run : { ...run, exit_code };
  }

  async function acceptedOf(run: string | undefined, isAsked = false): Promise<AcceptedHere> {
    const folder = isAsked ? await folderOf(run) : undefined;
    return folder === undefined ? {} : knownIn(folder);
  }
};

function scopeOf(id: string | undefined, stopped?: number, since?: number): RunScope {
  return {
    id,
    ...(stopped !== undefined && { stopped: nanosecondsOf(stopped) }),
    ...(since !== undefined && { since: nanosecondsOf(since) }),
  };
}
