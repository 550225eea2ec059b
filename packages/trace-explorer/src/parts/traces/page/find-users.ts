import { timesOf } from '../../../core/places/shown-range.ts';
import { counted } from '../../../lib/text/words.ts';
import { getJson } from '../../../page/api/api.ts';
import { sendQuery } from '../../../page/api/send-query.ts';
import type { Destination, Sought } from '../../../page/part.ts';

const USER = 'user.id';
/** Users of a text. Whoever looks for another one types more of it. */
const MOST = 10;

/** Whether a span was seen to have the field. A query about a field that no span has is refused. */
let isKnown = false;

async function hasUsers(signal: AbortSignal): Promise<boolean> {
  if (isKnown) return true;
  const columns = await getJson<{ key_name: string }[]>('/1/columns/__all__', signal);
  isKnown = columns.some(({ key_name }) => key_name === USER);
  return isKnown;
}

/** Users whose id contains a text, the busiest first, each with the number of traces that its link lists: one grouped query. */
export default async function findUsers(
  { text, range }: Sought,
  signal: AbortSignal,
): Promise<readonly Destination[]> {
  if (!(await hasUsers(signal))) return [];
  const { results } = await sendQuery(
    '__all__',
    {
      calculations: [{ op: 'COUNT_DISTINCT', column: 'trace.trace_id', name: 'traces' }],
      filters: [{ column: USER, op: 'contains', value: text }],
      breakdowns: [USER],
      limit: MOST,
      ...timesOf(range ?? { start_time: 1, end_time: Math.ceil(Date.now() / 1000) }),
    },
    { series: false, signal },
  );
  return results.map(({ data }) => {
    const user = String(data[USER]);
    return {
      kind: 'user',
      text: user,
      detail: counted(Number(data.traces), 'trace'),
      place: { view: 'traces', params: { field: `${USER}=${user}` } },
    };
  });
}
