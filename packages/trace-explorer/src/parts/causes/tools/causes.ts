import type { Static } from 'typebox';
import Type from 'typebox';
import { linkTo, tracePlace } from '../../../core/places/place.ts';
import { searchOf } from '../../../core/shared/search-of.ts';
import { limit, segment } from '../../../core/tools/arguments.ts';
import { tool } from '../../../core/tools/tool.ts';
import type { List } from '../../../core/traces/list/schemas.ts';
import type { CauseDetail, Causes } from '../server/schemas.ts';

/** Traces that an answer lists. */
const MOST_TRACES = 20;

export const findCausesTool = tool({
  name: 'find_causes',
  title: 'What is wrong',
  description:
    'What is wrong in a time range, worst first: errors where they began, slow calls, loops of calls and other faults, each once with how many traces, since when, on which routes, for which users and versions, and what to do. Ask this first when something is wrong. counted says whether the numbers are about all traces, or about the traces that were looked at. cause_id gives one cause with its traces.',
  advice: 'find_causes without cause_id lists the causes, with their ids.',
  input: {
    time_range: Type.Optional(
      Type.Number({ minimum: 1, maximum: 9e9, description: 'Seconds before end_time; 3600.' }),
    ),
    end_time: Type.Optional(Type.Number({ description: 'Seconds since the epoch; now.' })),
    at: Type.Optional(Type.String({ description: 'Only causes at this service, or on its routes.' })),
    cause_id: Type.Optional(Type.String({ description: 'Only this cause, with its traces.' })),
    limit: limit(10, 50),
  },
  async run({ time_range = 3600, end_time, at, cause_id, limit = 10 }, { ask, page }) {
    const range = { time_range, end_time };
    const linkOf = (id: string) => linkTo(page, { view: 'cause', id, params: { last: String(time_range) } });
    if (cause_id !== undefined) {
      const path = `/api/causes/${segment(cause_id)}`;
      const { id, typical: _, ...found } = await ask<CauseDetail>(`${path}?${searchOf(range)}`);
      const { traces } = await ask<Static<typeof List>>(
        `${path}/traces?${searchOf({ ...range, limit: MOST_TRACES })}`,
      );
      return {
        link: linkOf(id),
        ...found,
        traces: traces.map(({ trace_id, root, start, duration_ms, errors }) => ({
          ...{ trace_id, root, start, duration_ms, errors },
          link: linkTo(page, tracePlace(trace_id)),
        })),
      };
    }
    const { causes, more, ...found } = await ask<Causes>(`/api/causes?${searchOf({ ...range, at })}`);
    return {
      link: linkTo(page, { view: 'overview', params: { last: String(time_range) } }),
      ...found,
      causes_total: causes.length + more,
      causes: causes.slice(0, limit).map(({ spark: _, short: _s, short_example: _e, id, ...cause }) => ({
        id,
        ...cause,
        link: linkOf(id),
      })),
    };
  },
});
