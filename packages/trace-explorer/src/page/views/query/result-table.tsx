import { hrefOf, tracePlace } from '../../../places/place.ts';
import { calculationKey } from '../../../query/parse/operators.ts';
import type { Calculation, Filter, QuerySpecInput } from '../../../query/parse/query-spec.ts';
import type { QueryData, ResultRow } from '../../../query/result/query-result.ts';
import { groupService, lineColor } from '../../charts/chart-colors.ts';
import { MAX_LINES } from '../../charts/series/series-lines.ts';
import { useServiceColor } from '../../components/service-colors.tsx';
import type { TableColumn } from '../../components/table.tsx';
import { Table } from '../../components/table.tsx';
import { formatCount } from '../../format.ts';
import { describeSeconds } from './describe-times.ts';
import { formatField, formatResult } from './values.ts';

export interface ResultTableProps {
  readonly query: QuerySpecInput;
  readonly calculations: readonly Calculation[];
  readonly data: QueryData;
  readonly onOrder: (calculation: Calculation, order: 'ascending' | 'descending') => void;
  readonly onOrderBy: (breakdown: string, order: 'ascending' | 'descending') => void;
  readonly onWhere: (filters: readonly Filter[]) => void;
  readonly onLimit: (limit: number) => void;
}

/** Groups of a result: so many where the query does not say, and at most. */
const USUAL_LIMIT = 100;
const MOST_GROUPS = 1000;

/** Whether there may be more groups than the result has. */
export function isCut(
  { breakdowns = [], limit = USUAL_LIMIT }: QuerySpecInput,
  { results }: QueryData,
): boolean {
  return breakdowns.length > 0 && results.length >= limit;
}

/** Groups and their numbers. A group's value narrows the query to it; a trace's id opens it. */
export function ResultTable({
  query,
  calculations,
  data,
  onOrder,
  onOrderBy,
  onWhere,
  onLimit,
}: ResultTableProps) {
  const { breakdowns = [], orders = [] } = query;
  const scalar = calculations.filter(({ op }) => op !== 'HEATMAP');
  const [first] = orders;
  const drawn = scalar.length > 0 && breakdowns.length > 0;
  const columns: TableColumn<ResultRow & { place: number }>[] = [
    ...breakdowns.map((name, index): TableColumn<ResultRow & { place: number }> => {
      const sorted =
        first?.op === undefined && first?.column === name ? (first.order ?? 'ascending') : 'none';
      return {
        key: `by ${name}`,
        title: <span class="mono">{name}</span>,
        sorted,
        onSort: () => onOrderBy(name, sorted === 'ascending' ? 'descending' : 'ascending'),
        cell: ({ data: row, place }) => (
          <>
            {index === 0 && drawn && groupService(breakdowns, row[name]) === undefined && (
              <span
                class="line-mark"
                aria-hidden="true"
                style={{ background: place < MAX_LINES ? lineColor(place) : 'transparent' }}
              />
            )}
            <GroupValue column={name} value={row[name]} onWhere={onWhere} />
          </>
        ),
      };
    }),
    ...scalar.flatMap((calculation): TableColumn<ResultRow & { place: number }>[] => {
      const key = calculationKey(calculation);
      const isFirst =
        first === undefined
          ? calculation === scalar[0]
          : (first.op === calculation.op && first.column === calculation.column) ||
            (calculation.name !== undefined && first.op === undefined && first.column === calculation.name);
      const sorted = isFirst ? (first === undefined ? 'descending' : (first.order ?? 'ascending')) : 'none';
      const own: TableColumn<ResultRow & { place: number }> = {
        key,
        title: <span class="mono">{key}</span>,
        numeric: true,
        sorted,
        onSort: () => onOrder(calculation, sorted === 'descending' ? 'ascending' : 'descending'),
        cell: ({ data: row }) => formatResult(calculation, row[key]),
      };
      const { comparison } = data;
      if (comparison === undefined) return [own];
      return [
        own,
        {
          key: `${key} before`,
          title: <span class="muted">{describeSeconds(comparison.offset_seconds)} earlier</span>,
          numeric: true,
          cell: ({ place }) => formatResult(calculation, comparison.results[place]?.data[key]),
        },
      ];
    }),
  ];
  if (columns.length === 0)
    return (
      <p class="muted">
        A heatmap has no rows. Draw a box on it to compare what is in it, group by a field, or calculate
        something beside it, such as COUNT.
      </p>
    );
  return (
    <>
      <Table
        caption="Results"
        rows={data.results.map((row, place) => ({ ...row, place }))}
        keyOf={(row) => JSON.stringify(breakdowns.map((name) => row.data[name]))}
        columns={columns}
      />
      {isCut(query, data) && (
        <p class="muted">
          LIMIT {formatCount(data.results.length)}: there may be more groups.{' '}
          {data.results.length < MOST_GROUPS && (
            <button type="button" onClick={() => onLimit(MOST_GROUPS)}>
              Show up to {formatCount(MOST_GROUPS)}
            </button>
          )}
        </p>
      )}
      {data.total_by_aggregate !== undefined && (
        <dl class="total" aria-label="Total of all groups">
          {scalar.map((calculation) => {
            const key = calculationKey(calculation);
            return (
              <div key={key}>
                <dt class="mono">{key} of all groups</dt>
                <dd>{formatResult(calculation, data.total_by_aggregate?.[key])}</dd>
              </div>
            );
          })}
        </dl>
      )}
    </>
  );
}

function GroupValue({
  column,
  value,
  onWhere,
}: {
  column: string;
  value: ResultRow['data'][string] | undefined;
  onWhere: ResultTableProps['onWhere'];
}) {
  const serviceColor = useServiceColor();
  if (value === null || value === undefined || typeof value === 'object') {
    return (
      <button type="button" class="plain muted" onClick={() => onWhere([{ column, op: 'does-not-exist' }])}>
        (none)
      </button>
    );
  }
  if (/^trace\.(?:trace_id|link\.trace_id)$/u.test(column) && typeof value === 'string') {
    return (
      <a class="mono" href={hrefOf(tracePlace(value))}>
        {value}
      </a>
    );
  }
  return (
    <button
      type="button"
      class="plain group-value"
      title={`where ${column} = ${value}`}
      onClick={() => onWhere([{ column, op: '=', value }])}
    >
      {column === 'service.name' && (
        <span class="service-mark" aria-hidden="true" style={{ background: serviceColor(String(value)) }} />
      )}
      {formatField(column, value)}
    </button>
  );
}
