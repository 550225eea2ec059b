import type { Static } from 'typebox';
import type { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import { send } from '../../../page/api/api.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import { Card } from '../../../page/components/cards/card.tsx';
import { SharePair } from '../../../page/components/meter.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import { formatShare } from '../../../page/values/format.ts';
import { differenceSentence, tellingDifferences } from '../../query/page/values/difference-sentences.ts';
import type { BubbleUpResult } from '../../query/server/bubbleup/schemas.ts';

/** Fields that name the operation of a cause. The cause's other conditions choose its spans there. */
const PLACE: ReadonlySet<string> = new Set(['service.name', 'name', 'span.kind']);
/** Fields that repeat the cause. */
const SAME = /^(?:exception\.|error|status_|meta\.|duration_ms|span\.)/;
/** A smaller difference between shares says little of them. */
const LEAST = 0.1;
const MOST = 6;

/** BubbleUp's first differences between the spans of a cause and the other spans of the same operation. */
export default function Differences({ query }: { query: QuerySpecInput }) {
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
    <Card title="What they have in common">
      <Loaded load={load} what="Comparing with the other spans there">
        {(result) => {
          const differences = tellingDifferences(result, LEAST, ({ name }) => !SAME.test(name)).slice(
            0,
            MOST,
          );
          if (differences.length === 0)
            return <p class="inset muted">No field sets them apart from the other spans there.</p>;
          return (
            <dl class="lined">
              {differences.map((each) => (
                <div key={each.name} title={differenceSentence(each)}>
                  <dt class="strip apart">
                    <span class="ellipsis">
                      <code class="muted">{each.name}</code> <bdi class="strong">{each.value}</bdi>
                    </span>
                    <span class="strong firm">{formatShare(each.share)}</span>
                  </dt>
                  <dd>
                    <span class="visually-hidden">and {formatShare(each.usual)} of the others</span>
                    <SharePair own={each.share} others={each.usual} />
                  </dd>
                </div>
              ))}
            </dl>
          );
        }}
      </Loaded>
    </Card>
  );
}
