import type { Static } from 'typebox';
import Type from 'typebox';
import { linkTo } from '../../../core/places/place.ts';
import { rangePlace } from '../../../core/places/shown-range.ts';
import { DIGITS, shortId } from '../../../core/problems/file/short-id.ts';
import { isOpen, knownText, saidOf } from '../../../core/problems/said.ts';
import type { AcceptedBy, Cause, Causes } from '../../../core/problems/schemas.ts';
import type { Unit } from '../../../core/problems/units.ts';
import { countOf, countText, ofAllText } from '../../../core/problems/units.ts';
import { momentsOf } from '../../../core/runs/run-words.ts';
import type { Run } from '../../../core/runs/schemas.ts';
import { callText } from '../../../core/tools/answer.ts';
import { limit, segment } from '../../../core/tools/arguments.ts';
import type { ToolContext } from '../../../core/tools/tool.ts';
import { tool } from '../../../core/tools/tool.ts';
import type { List } from '../../../core/traces/list/schemas.ts';
import type { CodePlace } from '../../../core/traces/model/code-place.ts';
import { placeIn } from '../../../core/traces/model/code-place.ts';
import { isOfRoute } from '../../../core/traces/model/shapes.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import type { CauseDetail } from '../server/schemas.ts';
import type { Asked, ToldRange } from './asked-about.ts';
import { checkNames, rangeSince } from './asked-about.ts';

/** Traces that an answer lists. */
const MOST_TRACES = 20;
/** Routes and versions that a cause names. */
const MOST_ROUTES = 3;

const text = (description: string) => Type.Optional(Type.String({ description }));

export const whatIsWrong = tool({
  name: 'what_is_wrong',
  title: 'What is wrong',
  description:
    'What is wrong, worst first: errors where they began, slow calls, loops of calls and other faults, each once with the line of code, how many requests, messages or traces, since when, on which routes, for which users and versions, what to do, and a trace that shows it. Ask this first. Without since and run, it is about the last hour. counted says whether the numbers are about all traces, or about the traces that were looked at.',
  advice: 'what_is_wrong without cause_id lists the causes, with their ids.',
  input: {
    since: text('A time such as 2026-01-31T08:00:00Z, how long ago (10m), or seconds since the epoch.'),
    until: text('Likewise; now.'),
    run: text('Instead of since: what the end of a run said, by its id or name; `last` for the last one.'),
    service: text('Only causes at this service, or on its routes.'),
    route: text('Only causes on this route, such as `GET /orders/:id`.'),
    cause_id: text('Only this cause, with its traces.'),
    limit: limit(10, 50),
  },
  async run({ since, until, run, service, route, cause_id, limit = 10 }, { ask, page }) {
    const ofRun = run === undefined ? undefined : await runNamed(run, ask);
    const range = ofRun === undefined ? rangeSince(since, until) : momentsOf(ofRun);
    const shown = 'time_range' in range ? range.time_range : range;
    const told = run === undefined ? <T extends object>(answer: T) => answer : withoutNews;
    if (cause_id !== undefined) {
      const id = await wholeId(cause_id, range, ask);
      const path = `/api/causes/${segment(id)}`;
      const { cause, typical: _, ...found } = await ask<CauseDetail>(`${path}?${searchOf(range)}`);
      const query = searchOf({ ...range, limit: MOST_TRACES });
      const { traces } = await ask<Static<typeof List>>(`${path}/traces?${query}`);
      return {
        link: linkTo(page, { ...rangePlace('cause', shown), id }),
        ...told(found),
        id: cause_id,
        ...(cause && { sentence: saidOf(cause) }),
        ...(cause && { cause: told(describeCause(cause)) }),
        traces: traces.map(({ trace_id, root, start, duration_ms, errors }) => {
          return { trace_id, root: `${root.service} ${root.name}`, start, duration_ms, errors };
        }),
        next: traces.slice(0, 1).map(({ trace_id }) => callText('get_trace', { trace_id })),
      };
    }
    const about = { service, route };
    if (ofRun !== undefined) return problemsOfRun(ofRun, about, limit, { ask, page });
    const {
      causes: all,
      more,
      ...found
    } = await ask<Causes>(`/api/causes?${searchOf({ ...range, at: service, route })}`);
    if (all.length === 0) await checkNames(about, range, ask);
    const [accepted, causes] = [
      all.filter((cause) => cause.accepted !== undefined),
      all.filter((cause) => cause.accepted === undefined),
    ];
    const known = knownText(accepted);
    const [worst] = causes.flatMap(({ trace_id }) => trace_id ?? []);
    return {
      link: linkTo(page, rangePlace('overview', shown)),
      ...told(found),
      causes_total: causes.length + more,
      causes: causes.slice(0, limit).map((cause) => told(describeCause(cause))),
      ...leftOut(causes.length + more, limit),
      ...(known !== '' && { known }),
      next: [
        ...(worst === undefined ? [] : [callText('get_trace', { trace_id: worst })]),
        // Whatever there is.
        ...(found.of === 0 ? [callText('what_is_wrong', { since: '1970-01-01' })] : []),
      ],
    };
  },
});

const NEWS: ReadonlySet<string> = new Set(['compared', 'looked_before', 'new', 'after']);

/** An answer about a run: the time before it, in which perhaps nothing ran, says nothing of what is new. */
function withoutNews<T extends object>(answer: T): T {
  return Object.fromEntries(Object.entries(answer).filter(([name]) => !NEWS.has(name))) as T;
}

/** The run of an id or name. Runs are in the order of their newest spans. */
async function runNamed(wanted: string, ask: ToolContext['ask']): Promise<Run> {
  const { runs } = await ask<{ runs: readonly Run[] }>('/api/runs');
  const run = runs.find(({ id, name }) => wanted === id || wanted === name) ?? (wanted === 'last' && runs[0]);
  if (run) return run;
  const newest = runs.slice(0, 5).map(({ id }) => id);
  throw new Error(`run: no run is called so; the newest are ${newest.join(', ') || 'none'}`);
}

const RUNNING = 'Nobody has told yet that its command ended: this is what has come so far.';

/** Whether the command of a run may still run: `run` tells its folder when it begins, and numbers at its end. */
function isOpenRun({ folder, problems, exit_code }: Run): boolean {
  return folder !== undefined && problems === undefined && exit_code === undefined;
}

/** The number of causes that an answer has no room for. */
function leftOut(total: number, limit: number) {
  return total > limit ? { left_out: { causes: total - limit } } : {};
}

/** A problem as the end of a run tells it, as far as agents need it. */
interface RunProblem extends Partial<CodePlace> {
  readonly id?: string;
  readonly rule: string;
  readonly fact?: boolean;
  readonly service: string;
  readonly test?: string;
  readonly unit: Unit;
  readonly seen: number;
  readonly requests?: number;
  readonly of: number;
  readonly sentence: string;
  readonly advice?: string;
  readonly route?: string;
  readonly trace_id?: string;
  readonly accepted?: AcceptedBy;
}

/** What the end of a run says: the same problems in the same order. */
async function problemsOfRun(
  ofRun: Run,
  about: Asked,
  limit: number,
  { ask, page }: Pick<ToolContext, 'ask' | 'page'>,
) {
  const { id: run, name } = ofRun;
  const { causes: all, ...verdict } = await ask<{
    readonly causes: readonly RunProblem[];
    readonly requests: number;
    readonly messages: number;
    readonly failed: number;
    readonly truncated: boolean;
  }>(`/api/verdict?${searchOf({ run, known: true })}`);
  const { service: at = undefined, route: on = undefined } = about;
  const asked = all.filter(
    ({ service, route = '' }) =>
      (at === undefined || service === at) && (on === undefined || isOfRoute(on, route)),
  );
  if (asked.length === 0) await checkNames(about, momentsOf(ofRun), ask);
  const known = knownText(asked);
  const causes = asked.filter(isOpen);
  const [worst] = causes.flatMap(({ trace_id }) => trace_id ?? []);
  const { requests, messages, failed, truncated } = verdict;
  return {
    link: linkTo(page, rangePlace('overview', momentsOf(ofRun))),
    run: name,
    ...(isOpenRun(ofRun) && { note: RUNNING }),
    ...{ requests, messages, failed, truncated },
    causes_total: causes.length,
    causes: causes.slice(0, limit).map(({ id, unit, seen, requests: count = seen, of, ...cause }) => {
      const { sentence, rule, fact, advice, service, route, test, trace_id } = cause;
      return {
        ...(id !== undefined && { cause_id: shortId(id) }),
        ...{ rule, ...(fact && { fact }), sentence, ...placeIn(cause) },
        ...(advice !== undefined && { advice }),
        ...{ service, ...(route && { route }), ...(test !== undefined && { test }) },
        how_many: count > seen ? countText({ unit, count, seen }) : ofAllText({ unit, count: seen, of }),
        ...(trace_id !== undefined && { trace_id }),
      };
    }),
    ...leftOut(causes.length, limit),
    ...(known !== '' && { known }),
    next: worst === undefined ? [] : [callText('get_trace', { trace_id: worst })],
  };
}

/** The API's id for the one that an agent has. */
async function wholeId(id: string, range: ToldRange, ask: ToolContext['ask']): Promise<string> {
  if (id.length !== DIGITS) return id;
  const { causes } = await ask<Causes>(`/api/causes?${searchOf(range)}`);
  const found = causes.find((cause) => shortId(cause.id) === id);
  if (found) return found.id;
  throw new Error('cause_id: no cause of this time has it');
}

/** A cause without what its sentence says, and without empty parts. */
function describeCause(cause: Cause) {
  const { id, rule, rules, advice, lost_ms, first, last, ...more } = cause;
  const {
    spark: _,
    sentence: _g,
    example: _e,
    short: _s,
    short_example: _h,
    service,
    name,
    kind,
    type,
    message,
    target,
    finding,
    ...others
  } = more;
  const {
    routes,
    routes_total,
    versions,
    counts: _c,
    file: _i,
    line: _l,
    column: _o,
    function: _n,
    ...facts
  } = others;
  const { unit, count, of, seen } = countOf(cause);
  return {
    cause_id: shortId(id),
    rule,
    ...(rules.some((each) => each !== rule) && { rules }),
    sentence: saidOf(cause),
    ...placeIn(cause),
    ...(advice !== undefined && { advice }),
    ...facts,
    how_many: seen === undefined ? ofAllText({ unit, count, of }) : countText({ unit, count, seen }),
    first: toSecond(first),
    last: toSecond(last),
    ...(lost_ms > 0 && { lost_ms: Math.round(lost_ms) }),
    routes: routes.slice(0, MOST_ROUTES).map(({ service, name }) => `${service} ${name}`),
    ...(routes_total > MOST_ROUTES && { routes_total }),
    ...(versions.length > 0 && { versions: versions.slice(0, MOST_ROUTES) }),
  };
}

function toSecond(time: string): string {
  return time.replace(/\.\d+(?=Z$)/, '');
}
