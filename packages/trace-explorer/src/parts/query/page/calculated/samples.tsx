import type { NewestRow } from '../../../../core/query/newest/schemas.ts';
import type { QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import type { ResultValue } from '../../../../core/query/result/query-result.ts';
import { ApiError, send } from '../../../../page/api/api.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import { usePaused } from '../../../../page/browser/use-paused.ts';
import { counted } from '../../../../page/values/format.ts';
import type { Question } from '../shown-query.ts';
import { formatField } from '../values.ts';

/** Rows of a sample: the newest that match the query. */
const SAMPLE_ROWS = 100;
const MOST_VALUES = 6;
/** Milliseconds from the last key to the evaluation of the expression. */
const PAUSE_MS = 300;

/** Values of the query's calculated fields in its newest rows. For a faulty expression, the mistake. */
export default function Samples({ dataset, query }: Omit<Question, 'fields'>) {
  const { calculated_fields: calculated = [] } = query;
  const asked = usePaused(JSON.stringify([dataset, query]), PAUSE_MS);
  const { value, error } = useLoad(
    async (signal) => {
      const [of, spec] = JSON.parse(asked) as [string, QuerySpecInput];
      const names = (spec.calculated_fields ?? []).map(({ name }) => name);
      const request = { dataset: of, query: spec, columns: [...new Set(names)], limit: SAMPLE_ROWS };
      const { rows } = await send<{ rows: readonly NewestRow[] }>('POST', '/api/rows', request, signal);
      return { names, rows };
    },
    [asked],
  );
  /** The reasons name the positions of the mistakes. */
  const mistakes = (error instanceof ApiError ? (error.refusal.details ?? []) : []).flatMap(
    ({ field, description }) => {
      const [, index] = /^calculated_fields\[(\d+)\]/u.exec(field) ?? [];
      return index === undefined ? [] : { index: Number(index), description };
    },
  );
  return (
    <dl class="samples whole column" aria-live="polite">
      {calculated.map(({ name }, i) => (
        <div key={name} class="line">
          <dt class="mono">{name}</dt>
          <dd class="line">
            {mistakes.map(
              ({ index, description }) =>
                index === i && (
                  <span key={description} class="error-text">
                    {description}
                  </span>
                ),
            )}
            {!error && value && (
              <SampleOf
                name={name}
                values={value.rows.map(({ values }) => values[value.names.indexOf(name)])}
              />
            )}
          </dd>
        </div>
      ))}
      {error && mistakes.length === 0 && <p class="error-text">{error.message}</p>}
    </dl>
  );
}

function SampleOf({ name, values }: { name: string; values: readonly (ResultValue | undefined)[] }) {
  const present = values.filter((value) => value !== null && value !== undefined);
  const counts = new Map<ResultValue, number>();
  for (const value of present) counts.set(value, (counts.get(value) ?? 0) + 1);
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_VALUES);
  if (values.length === 0) return <span class="muted">No row matches the query.</span>;
  return (
    <>
      {most.map(([value, count]) => (
        <span class="sample ellipsis" key={String(value)}>
          <span class="mono">{formatField(name, value)}</span> <span class="muted">×{count}</span>
        </span>
      ))}
      <span class="muted">
        {counts.size > most.length && `and ${counted(counts.size - most.length, 'more value')}; `}
        {present.length} of the newest {counted(values.length, 'row')} {present.length === 1 ? 'has' : 'have'}{' '}
        a value
      </span>
    </>
  );
}
