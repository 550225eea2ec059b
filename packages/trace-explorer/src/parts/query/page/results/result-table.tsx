import { tracePlace } from '../../../../core/places/place.ts';
import { narrowed } from '../../../../core/query/build/narrow.ts';
import { DEFAULT_LIMIT } from '../../../../core/query/parse/limits.ts';
import type { Filter, QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import type { QueryData, ResultRow } from '../../../../core/query/result/query-result.ts';
import { groupService, lineColor } from '../../../../page/charts/chart-colors.ts';
import { MAX_LINES } from '../../../../page/charts/series/series-lines.ts';
import { Facts } from '../../../../page/components/facts.tsx';
import { Link } from '../../../../page/components/link.tsx';
import { ServiceLink } from '../../../../page/components/services/service-name.tsx';
import type { TableColumn } from '../../../../page/components/table.tsx';
import { Table } from '../../../../page/components/table.tsx';
import { describeSeconds } from '../../../../page/components/times/describe-times.ts';
import { formatCount } from '../../../../page/values/format.ts';
import type { ShownQuery } from '../shown-query.ts';
import { formatField } from '../values.ts';
import type { Measure } from './measures.ts';
import { changeText, versionsBefore } from './version-change.ts';

export interface ResultTableProps {
  readonly shown: ShownQuery;
  readonly measures: readonly Measure[];
  readonly data: QueryData;
}

/** Groups that one press asks for: a table of more takes a page long. LIMIT takes up to MAX_LIMIT. */
const MORE_GROUPS = 1000;

/** Whether there may be more groups than the result has. */
export function mayHaveMoreGroups(
  { breakdowns = [], limit = DEFAULT_LIMIT }: QuerySpecInput,
  { results }: QueryData,
): boolean {
  return breakdowns.length > 0 && results.length >= limit;
}

/** Groups and their numbers. A group's value narrows the query to the group. A trace's id opens the trace. */
export function ResultTable({ shown, measures, data }: ResultTableProps) {
  const { ask } = shown;
  const { query } = shown.place;
  const { breakdowns = [], orders = [] } = query;
  const scalar = measures.filter(({ calculation }) => calculation?.op !== 'HEATMAP');
  const [first] = orders;
  const before = versionsBefore(data, breakdowns);
  // Groups that only the earlier time has come after the others, without values of their own.
  const gone = (data.comparison?.results ?? []).slice(data.results.length).map(({ data: row }) => ({
    data: Object.fromEntries(breakdowns.map((name) => [name, row[name] ?? null])),
  }));
  const drawn = scalar.length > 0 && breakdowns.length > 0;
  const columns: TableColumn<ResultRow & { index: number }>[] = [
    ...breakdowns.map((name): TableColumn<ResultRow & { index: number }> => {
      const sorted =
        first?.op === undefined && first?.column === name ? (first.order ?? 'ascending') : 'none';
      return {
        key: `by ${name}`,
        title: <span class="mono">{name}</span>,
        sorted,
        onSort: () => ask({ ...query, orders: [{ column: name, order: otherThan(sorted, 'ascending') }] }),
        cell: ({ data: row, index }) => (
          <span class="strip">
            {name === breakdowns[0] && drawn && groupService(breakdowns, row[name]) === undefined && (
              <span
                class="service-mark"
                aria-hidden="true"
                style={{
                  '--own':
                    index < Math.min(MAX_LINES, data.results.length) ? lineColor(index) : 'transparent',
                }}
              />
            )}
            <GroupValue
              column={name}
              value={row[name]}
              onWhere={(filter) => ask(narrowed(query, [filter]))}
            />
          </span>
        ),
      };
    }),
    ...scalar.flatMap((measure): TableColumn<ResultRow & { index: number }>[] => {
      const { key, calculation, order, format } = measure;
      const names = ({ op, column }: typeof order) => first?.op === op && first?.column === column;
      const isFirst =
        first === undefined
          ? measure === scalar[0]
          : names(order) || (calculation !== undefined && names(calculation));
      const sorted = isFirst ? (first === undefined ? 'descending' : (first.order ?? 'ascending')) : 'none';
      const own: TableColumn<ResultRow & { index: number }> = {
        key,
        title: <span class="mono">{key}</span>,
        numeric: true,
        sorted,
        onSort: () => ask({ ...query, orders: [{ ...order, order: otherThan(sorted, 'descending') }] }),
        cell: ({ data: row }) => format(row[key]),
      };
      const { comparison } = data;
      if (comparison === undefined) {
        // Counts depend on how long a version ran, so the table does not compare them.
        if (before.size === 0 || /^(?:COUNT|SUM|CONCURRENCY)/u.test(calculation?.op ?? '')) return [own];
        return [
          own,
          {
            key: `${key} change`,
            title: <span class="muted">than the version before</span>,
            numeric: true,
            cell: ({ data: row }) => changeText(row[key], before.get(row)?.[key]),
          },
        ];
      }
      return [
        own,
        {
          key: `${key} before`,
          title: <span class="muted">{describeSeconds(comparison.offset_seconds)} earlier</span>,
          numeric: true,
          cell: ({ index }) => format(comparison.results[index]?.data[key]),
        },
      ];
    }),
  ];
  if (columns.length === 0)
    return (
      <p class="pad muted">
        A heatmap has no rows. Draw a box on it to compare its events, group by a field, or calculate
        something beside it, such as COUNT.
      </p>
    );
  return (
    <>
      <Table
        caption="Results"
        rows={[...data.results, ...gone].map((row, index) => ({ ...row, index }))}
        keyOf={(row) => JSON.stringify(breakdowns.map((name) => row.data[name]))}
        columns={columns}
      />
      {mayHaveMoreGroups(query, data) && (
        <p class="pad muted">
          LIMIT {formatCount(data.results.length)}: there may be more groups.{' '}
          {data.results.length < MORE_GROUPS && (
            <button type="button" onClick={() => ask({ ...query, limit: MORE_GROUPS })}>
              Show up to {formatCount(MORE_GROUPS)}
            </button>
          )}
        </p>
      )}
      {data.total_by_aggregate !== undefined && (
        <Facts
          label="Total of all groups"
          facts={scalar.map(({ key, format }) => [
            `${key} of all groups`,
            format(data.total_by_aggregate?.[key]),
          ])}
        />
      )}
    </>
  );
}

type Direction = 'ascending' | 'descending';

/** The next sort order of a column: first its usual one, then the reverse. */
function otherThan(sorted: Direction | 'none', usual: Direction): Direction {
  return sorted === usual ? (usual === 'ascending' ? 'descending' : 'ascending') : usual;
}

function GroupValue({
  column,
  value,
  onWhere,
}: {
  column: string;
  value: ResultRow['data'][string] | undefined;
  onWhere: (filter: Filter) => void;
}) {
  if (value === null || value === undefined || typeof value === 'object') {
    return (
      <button type="button" class="plain muted" onClick={() => onWhere({ column, op: 'does-not-exist' })}>
        (none)
      </button>
    );
  }
  if (/^trace\.(?:trace_id|link\.trace_id)$/u.test(column) && typeof value === 'string') {
    return (
      <Link class="mono" to={tracePlace(value)}>
        {value}
      </Link>
    );
  }
  const onPress = () => onWhere({ column, op: '=', value });
  const title = `where ${column} = ${value}`;
  if (column === 'service.name')
    return (
      <span class="group-service strip tight">
        <ServiceLink name={String(value)} />
        <button type="button" class="icon" title={title} aria-label={title} onClick={onPress}>
          =
        </button>
      </span>
    );
  return (
    <button type="button" class="plain ellipsis" title={title} onClick={onPress}>
      {formatField(column, value)}
    </button>
  );
}
