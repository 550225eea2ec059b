import Type from 'typebox';
import type { BubbleUpResult } from '../../bubbleup/bubbleup.ts';
import { BubbleUpBody } from '../../bubbleup/parse-bubbleup.ts';
import { hrefOf } from '../../page/shell/place.ts';
import { CLOSED, datasetSlug, environmentSlug, limit, part } from '../arguments.ts';
import { tool } from '../tool.ts';

/** Values or ranges that are listed of a field. */
const MAX_BUCKETS = 6;

const { query, selection, compare } = BubbleUpBody.properties;

export const runBubbleUp = tool({
  name: 'run_bubbleup',
  title: 'What sets some events apart',
  description:
    'BubbleUp: how selected events (by filters, a time, or a range of values such as duration_ms of 500 and more) differ from the rest of a query’s, field by field, the most telling fields first. selection and baseline are counts of events.',
  input: Type.Object(
    {
      environment_slug: environmentSlug,
      dataset_slug: datasetSlug,
      query_spec: Type.Optional(
        Type.Unknown({ description: 'Times and filters say which events are compared.' }),
      ),
      selection: Type.Unknown({ description: 'Which of them are selected.' }),
      compare: Type.Optional(Type.Unknown({ description: 'events, or traces.' })),
      limit: limit(10, 50),
    },
    CLOSED,
  ),
  shown: { query_spec: query, selection, compare },
  async run({ dataset_slug = '__all__', query_spec = {}, limit = 10, ...rest }, { ask, page }) {
    const body = { dataset: dataset_slug, query: query_spec, ...rest };
    const { fields, ...result } = await ask<BubbleUpResult>('/api/bubbleup', { method: 'POST', body });
    const { items } = part(fields, { limit });
    const params = { dataset: dataset_slug, query: JSON.stringify(query_spec), panel: 'bubbleup' };
    return {
      link: page + hrefOf({ view: 'query', params }),
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
