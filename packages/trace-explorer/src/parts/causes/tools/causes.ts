import type { Static } from 'typebox';
import Type from 'typebox';
import { linkTo } from '../../../core/places/place.ts';
import { rangePlace } from '../../../core/places/shown-range.ts';
import { momentsOf } from '../../../core/runs/run-words.ts';
import type { Run } from '../../../core/runs/schemas.ts';
import { callText } from '../../../core/tools/answer.ts';
import { limit, segment } from '../../../core/tools/arguments.ts';
import type { ToolContext } from '../../../core/tools/tool.ts';
import { tool } from '../../../core/tools/tool.ts';
import type { List } from '../../../core/traces/list/schemas.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import { knownText, saidOf } from '../said.ts';
import { DIGITS, shortId } from '../server/cause-key.ts';
import type { Cause, CauseDetail, Causes } from '../server/schemas.ts';
import { countOf, countText, ofAllText } from '../units.ts';

/** Traces that an answer lists. */
const MOST_TRACES = 20;
/** Seconds that a question is about when it says no time. */
const USUAL_S = 3600;
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
    since: text('A time such as 2026-01-31T08:00:00Z, or seconds since the epoch.'),
    until: text('Likewise; now.'),
    run: text('Instead of since: the time of a run, by its id or name; `last` for the last one.'),
    at: text('Only causes at this service, or on its routes.'),
    cause_id: text('Only this cause, with its traces.'),
    limit: limit(10, 50),
  },
  async run({ since, until, run, at, cause_id, limit = 10 }, { ask, page }) {
    const range = run === undefined ? rangeSince(since, until) : await rangeOfRun(run, ask);
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
    const { causes: all, more, ...found } = await ask<Causes>(`/api/causes?${searchOf({ ...range, at })}`);
    const [accepted, causes] = [
      all.filter((cause) => cause.accepted !== undefined),
      all.filter((cause) => cause.accepted === undefined),
    ];
    const known = knownText(accepted.map((cause) => ({ known: cause.accepted })));
    const [worst] = causes.flatMap(({ trace_id }) => trace_id ?? []);
    return {
      link: linkTo(page, rangePlace('overview', shown)),
      ...told(found),
      causes_total: causes.length + more,
      causes: causes.slice(0, limit).map((cause) => told(describeCause(cause))),
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

type ToldRange = ReturnType<typeof momentsOf> | { readonly time_range: number };

function rangeSince(since?: string, until?: string): ToldRange {
  const end_time = until === undefined ? undefined : secondsOf('until', until);
  if (since === undefined && end_time === undefined) return { time_range: USUAL_S };
  const last = end_time ?? Date.now() / 1000;
  const first = since === undefined ? last - USUAL_S : secondsOf('since', since);
  if (first >= last) throw new Error('since: must be before until, or before now');
  return { start_time: first, end_time: last };
}

function secondsOf(name: string, given: string): number {
  const seconds = /^\d{1,10}(?:\.\d+)?$/.test(given) ? Number(given) : Date.parse(given) / 1000;
  if (seconds >= 0 && seconds < 9e9) return seconds;
  throw new Error(`${name}: must be a time such as 2026-01-31T08:00:00Z, or seconds since the epoch`);
}

/** The time in which a run sent its spans. Runs are in the order of their newest spans. */
async function rangeOfRun(wanted: string, ask: ToolContext['ask']): Promise<ToldRange> {
  const { runs } = await ask<{ runs: readonly Run[] }>('/api/runs');
  const run = runs.find(({ id, name }) => wanted === id || wanted === name) ?? (wanted === 'last' && runs[0]);
  if (run) return momentsOf(run);
  const newest = runs.slice(0, 5).map(({ id }) => id);
  throw new Error(`run: no run is called so; the newest are ${newest.join(', ') || 'none'}`);
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
  const { id, rule, rules, line, advice, lost_ms, first, last, ...more } = cause;
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
  const { routes, routes_total, versions, counts: _c, ...facts } = others;
  const { unit, count, of, seen } = countOf(cause);
  return {
    cause_id: shortId(id),
    rule,
    ...(rules.some((each) => each !== rule) && { rules }),
    sentence: saidOf(cause),
    ...(line !== undefined && { line }),
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
