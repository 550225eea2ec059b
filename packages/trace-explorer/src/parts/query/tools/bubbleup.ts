import Type from 'typebox';
import type { Place } from '../../../core/places/place.ts';
import { linkTo, queryPlace } from '../../../core/places/place.ts';
import { resolveTimeWindow } from '../../../core/query/compile/time-window.ts';
import { parseQuery } from '../../../core/query/parse/parse-query.ts';
import type { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import { dataset, limit, objectOf, part } from '../../../core/tools/arguments.ts';
import { tool } from '../../../core/tools/tool.ts';
import { estimateText } from '../../../lib/text/words.ts';
import { during } from '../narrow.ts';
import { writeQueryPlace } from '../query-place.ts';
import type { Selection } from '../server/bubbleup/parse-bubbleup.ts';
import { BubbleUpBody } from '../server/bubbleup/parse-bubbleup.ts';
import type { BubbleUpResult } from '../server/bubbleup/schemas.ts';

/** Values or ranges in the answer per field. */
const MAX_BUCKETS = 6;

const { query, selection, compare } = BubbleUpBody.properties;

export const runBubbleUp = tool({
  name: 'run_bubbleup',
  title: 'What sets some events apart',
  description:
    'BubbleUp: how selected events (by filters, a time, or a range of values such as duration_ms of 500 and more) differ from the rest of a query’s, field by field, the most telling fields first. selection and baseline are counts of events.',
  advice: 'find_columns finds columns by words of their names, get_environment lists the datasets.',
  input: {
    ...dataset,
    query_spec: Type.Optional(
      Type.Unknown({ description: 'The times and filters choose the events to compare.' }),
    ),
    selection: Type.Unknown({ description: 'Chooses the selected events among them.' }),
    compare: Type.Optional(
      Type.Unknown({ description: 'events, or traces; default: traces for a query of requests.' }),
    ),
    limit: limit(10, 50),
  },
  shown: { query_spec: query, selection, compare },
  async run({ dataset_slug = '__all__', limit = 10, compare, ...given }, { ask, page }) {
    const query = objectOf(given.query_spec ?? {}, 'query_spec');
    const selection = objectOf(given.selection, 'selection');
    const body = { dataset: dataset_slug, query, selection, compare };
    const asked = ask<BubbleUpResult>('/api/bubbleup', { method: 'POST', body });
    const {
      fields,
      selection: selected,
      baseline,
      ...result
    } = await asked.catch((error: Error) => {
      // As the arguments are called here.
      const named = error.message.replace(/(?<=\. )query(?=\.)/g, 'query_spec');
      throw new Error(named.replace(/(?<=\. )dataset(?= )/, 'dataset_slug'), { cause: error });
    });
    const { items } = part(fields, { limit });
    const told = ({ events }: typeof baseline) => ({
      events: result.estimated ? estimateText(String(events), true) : events,
    });
    return {
      link: linkTo(page, queryAddress(dataset_slug, query, selection, Date.now() / 1000)),
      selection: told(selected),
      baseline: told(baseline),
      ...result,
      fields_total: fields.length,
      fields: items.map(({ name, type, difference, group, selected_by, buckets }) => ({
        name,
        type,
        difference: Math.round(difference * 1000) / 1000,
        group,
        ...(selected_by && { selected_by }),
        buckets: buckets.toSorted((a, b) => b.selection - a.selection).slice(0, MAX_BUCKETS),
        ...(buckets.length > MAX_BUCKETS && { more_buckets: buckets.length - MAX_BUCKETS }),
      })),
    };
  },
});

/**
 * The page compares only the contents of a box on a heatmap. For any other selection, the link shows the query.
 * @param now seconds since the epoch
 */
function queryAddress(dataset: string, spec: unknown, given: unknown, now: number): Place {
  // The API has accepted both.
  const query = spec as QuerySpecInput;
  const { start_time, end_time, column, min, max, filters = [] } = given as Partial<Selection>;
  const { start, end } = resolveTimeWindow(parseQuery(query), now * 1000);
  const inTime = during(query, start, end);
  if (column === undefined || min === undefined || max === undefined || filters.length > 0)
    return queryPlace(inTime, dataset);
  const heatmap = { op: 'HEATMAP', column } as const;
  const others = (query.calculations ?? []).filter((each) => each.op !== 'HEATMAP' || each.column !== column);
  // A box is half-open. Its end must be above the selection's greatest value.
  const until = max + Math.max(Math.abs(max) * 1e-9, 1e-9);
  return writeQueryPlace({
    dataset,
    query: { ...inTime, calculations: [heatmap, ...others] },
    box: { column, start: start_time ?? start, end: end_time ?? end, min, max: until },
    panel: 'bubbleup',
    log: false,
    total: false,
  });
}
