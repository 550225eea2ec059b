import type { Static } from 'typebox';
import type { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import { send } from '../../../page/api/api.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import { differenceSentences } from '../../query/page/values/difference-sentences.ts';
import type { BubbleUpResult } from '../../query/server/bubbleup/schemas.ts';

/** Fields that name the operation of a cause. The cause's other conditions choose its spans there. */
const PLACE: ReadonlySet<string> = new Set(['service.name', 'name', 'span.kind']);
/** Fields that repeat the cause. */
const SAME = /^(?:exception\.|error|status_|meta\.|duration_ms|span\.)/;
const MOST = 3;

/** BubbleUp's first differences between the spans of a cause and the other spans of the same operation, as sentences. */
export function Differences({ query }: { query: QuerySpecInput }) {
  const { filters = [], start_time, end_time, time_range } = query;
  const times = { start_time, end_time, time_range };
  const body = {
    query: { ...times, filters: filters.filter(({ column }) => PLACE.has(column ?? '')) },
    selection: { filters: filters.filter(({ column }) => !PLACE.has(column ?? '')) },
    compare: 'events',
  };
  const load = useLoad(
    (signal) => send<Static<typeof BubbleUpResult>>('POST', '/api/bubbleup', body, signal),
    [JSON.stringify(body)],
  );
  return (
    <Loaded load={load} what="Comparing with the other spans there">
      {(result) => {
        const said = differenceSentences(result, ({ name }) => !SAME.test(name)).slice(0, MOST);
        return said.length === 0 ? null : (
          <ul class="cause-differences">
            {said.map((sentence) => (
              <li key={sentence}>
                <bdi>{sentence}</bdi>
              </li>
            ))}
          </ul>
        );
      }}
    </Loaded>
  );
}
