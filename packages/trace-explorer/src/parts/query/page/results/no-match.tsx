import { timesOf } from '../../../../core/places/shown-range.ts';
import type { QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import type { Status } from '../../../../core/status.ts';
import { getJson } from '../../../../page/api/api.ts';
import { sendQuery } from '../../../../page/api/send-query.ts';
import { useLive } from '../../../../page/api/use-live.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import { Busy } from '../../../../page/components/states/busy.tsx';
import { EmptyState } from '../../../../page/components/states/empty-state.tsx';
import { isBeforeSpans, NothingInTime, StartPage } from '../../../../page/start/before-spans.ts';
import { aboutCount, plural } from '../../../../page/values/format.ts';
import { rangeOf } from '../../with-query-range.ts';
import { formatFilter } from '../clauses/clauses.ts';
import { measuredFields, unknownFields } from '../clauses/fields.ts';
import type { Question } from '../shown-query.ts';

export interface NoMatchProps extends Question {
  readonly onSpans: () => void;
  readonly onQuery: (query: QuerySpecInput) => void;
}

/** Says why the result is empty: no span yet, no span in the time range, or the condition that excludes most events. */
export function NoMatch({ dataset, query, fields, onSpans, onQuery }: NoMatchProps) {
  const { value, busy } = useLoad(
    async (signal) => {
      const status = await getJson<Status>('/api/status', signal);
      const without = isBeforeSpans(status)
        ? undefined
        : await countWithout({ dataset, query, fields }, signal);
      return { status, without };
    },
    [JSON.stringify([dataset, query]), fields],
  );
  // Runs the query again as soon as there is a first span.
  useLive(() => value !== undefined && isBeforeSpans(value.status) && onSpans());
  if (value === undefined) return busy ? <Busy what="Looking for the reason" /> : null;
  const { without } = value;
  if (without === undefined) return <StartPage />;
  const { filters = [], havings = [] } = query;
  const missing = unknownFields(measuredFields(query), query, fields);
  if (missing.length > 0) {
    return (
      <EmptyState title={`Unknown column: ${missing.join(', ')}`}>
        <p>
          No span has had {missing.map((name, i) => [i > 0 && ', ', <code key={name}>{name}</code>])} yet. The
          completion of each clause lists the fields that there are.
        </p>
      </EmptyState>
    );
  }
  if (without.all === 0) return <NothingInTime range={rangeOf(query)} />;
  return (
    <EmptyState
      title={`No match among ${aboutCount(without.all, plural(without.all, 'event'), without.estimated)}`}
    >
      {filters.length > 0 && (
        <ol>
          {without.filters.map(({ filter, index, count, known }) => {
            const text = formatFilter(filter);
            return (
              <li key={text}>
                <code>{text}</code> ·{' '}
                {known
                  ? `Without it: ${aboutCount(count, plural(count, 'event'), without.estimated)}.`
                  : 'No span has had this field yet.'}{' '}
                <button
                  type="button"
                  onClick={() => onQuery({ ...query, filters: filters.filter((_, i) => i !== index) })}
                >
                  Remove <span class="visually-hidden">{text}</span>
                </button>
              </li>
            );
          })}
        </ol>
      )}
      {filters.length === 0 && havings.length === 0 && (
        <p>In these times no event has a value of these fields. Look further back, or ask for others.</p>
      )}
      {havings.length > 0 && <p>HAVING may have left out every group; try without it.</p>}
    </EmptyState>
  );
}

/** For each condition, the number of events that match all other conditions. The condition that excludes most comes first. */
async function countWithout({ dataset, query, fields }: Question, signal: AbortSignal) {
  const { filters = [], filter_combination = 'AND', calculated_fields = [] } = query;
  const columns = filters.map(({ column }) => column);
  const unknown = unknownFields(columns, query, fields);
  const data = await sendQuery(
    dataset,
    {
      calculated_fields,
      calculations: [
        { op: 'COUNT', name: 'all' },
        ...filters.map((_, i) => {
          const others = filters.filter((each, j) => j !== i && !unknown.includes(each.column));
          return { op: 'COUNT', name: `without ${i}`, filters: others, filter_combination } as const;
        }),
      ],
      ...timesOf(rangeOf(query)),
    },
    { series: false, signal },
  );
  const [{ data: row = {} } = {}] = data.results;
  return {
    all: Number(row.all ?? 0),
    estimated: data.info.estimated,
    filters: filters
      // A field that no span has excludes all rows, also where the other conditions match.
      .map((filter, index) => ({
        filter,
        index,
        count: Number(row[`without ${index}`] ?? 0),
        known: !unknown.includes(filter.column),
      }))
      .sort((a, b) => Number(a.known) - Number(b.known) || b.count - a.count),
  };
}
