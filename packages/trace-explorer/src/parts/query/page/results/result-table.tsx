import { tracePlace } from '../../../../core/places/place.ts';
import { HUES, hueOf } from '../../../../core/places/service-color.ts';
import { DEFAULT_LIMIT } from '../../../../core/query/parse/limits.ts';
import type { QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import type { QueryData, ResultRow } from '../../../../core/query/result/query-result.ts';
import { groupService } from '../../../../page/charts/series/series-lines.ts';
import { Facts } from '../../../../page/components/facts.tsx';
import { Link } from '../../../../page/components/link.tsx';
import { ServiceLink } from '../../../../page/components/services/service-name.tsx';
import type { TableColumn } from '../../../../page/components/table.tsx';
import { Table } from '../../../../page/components/table.tsx';
import { describeSeconds } from '../../../../page/components/times/describe-times.ts';
import { formatCount } from '../../../../page/values/format.ts';
import { narrowed } from '../../narrow.ts';
import { formatFilter } from '../clauses/clauses.ts';
import type { ShownQuery } from '../shown-query.ts';
import { filterOf, formatField } from '../values.ts';
import type { Measure } from './measures.ts';
import { textIn } from './measures.ts';
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
  const { comparison } = data;
  /** A head that sorts. @param isFirst whether the rows are in its order now */
  const head = (name: string, order: Measure['order'], isFirst: boolean, usual: Direction) => {
    const sorted = isFirst ? (first === undefined ? 'descending' : (first.order ?? 'ascending')) : 'none';
    // First the usual order, then the reverse.
    const reverse = usual === 'ascending' ? 'descending' : 'ascending';
    const next = sorted === usual ? reverse : usual;
    const onSort = () => ask({ ...query, orders: [{ ...order, order: next }] });
    return { title: <span class="mono">{name}</span>, sorted, onSort } as const;
  };
  /** What stands beside a value: the earlier one, or how it differs from that of the version before. */
  const besideOf = (measure: Measure): Column[] => {
    const { key, calculation } = measure;
    const beside = (title: string, cell: Column['cell']) => [
      { key: `${key} beside`, title: <span class="muted">{title}</span>, numeric: true, cell },
    ];
    if (comparison !== undefined)
      return beside(`${describeSeconds(comparison.offset_seconds)} earlier`, ({ index }) =>
        textIn(measure, data, comparison.results[index]?.data),
      );
    // Counts depend on how long a version ran, so the table does not compare them.
    if (before.size === 0 || /^(?:COUNT|SUM|CONCURRENCY)/u.test(calculation?.op ?? '')) return [];
    return beside('than the version before', ({ data: row }) => changeText(row[key], before.get(row)?.[key]));
  };
  /** A group's value, which narrows the query to the group. */
  const groupValue = (column: string, value: ResultRow['data'][string] | undefined) => {
    const filter = filterOf(column, value);
    const isNone = filter.value === undefined;
    const title = `where ${formatFilter(filter)}`;
    const onPress = () => ask(narrowed(query, [filter]));
    if (/^trace\.(?:trace_id|link\.trace_id)$/u.test(column) && typeof value === 'string') {
      return (
        <Link class="mono" to={tracePlace(value)}>
          {value}
        </Link>
      );
    }
    if (column === 'service.name' && !isNone)
      return (
        <span class="group-service strip tight">
          <ServiceLink name={String(value)} />
          <button type="button" class="icon" title={title} aria-label={title} onClick={onPress}>
            =
          </button>
        </span>
      );
    return (
      <button type="button" class={isNone ? 'plain muted' : 'plain ellipsis'} title={title} onClick={onPress}>
        {isNone ? '(none)' : formatField(column, value)}
      </button>
    );
  };
  const columns: Column[] = [
    ...breakdowns.map(
      (name, nth): Column => ({
        key: `by ${name}`,
        ...head(name, { column: name }, first?.op === undefined && first?.column === name, 'ascending'),
        cell: ({ data: row, index }) => (
          <span class="strip">
            {nth === 0 && drawn && groupService(breakdowns, row[name]) === undefined && (
              <span
                class="service-mark"
                aria-hidden="true"
                style={{
                  '--own': index < Math.min(HUES, data.results.length) ? hueOf(index) : 'transparent',
                }}
              />
            )}
            {groupValue(name, row[name])}
          </span>
        ),
      }),
    ),
    ...scalar.flatMap((measure, nth): Column[] => {
      const { key, calculation, order } = measure;
      const names = ({ op, column }: typeof order) => first?.op === op && first?.column === column;
      const isFirst =
        first === undefined ? nth === 0 : names(order) || (calculation !== undefined && names(calculation));
      const own = { key, numeric: true, ...head(key, order, isFirst, 'descending') };
      return [{ ...own, cell: (row) => textIn(measure, data, row.data) }, ...besideOf(measure)];
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
          facts={scalar.map((measure) => [
            `${measure.key} of all groups`,
            textIn(measure, data, data.total_by_aggregate),
          ])}
        />
      )}
    </>
  );
}

type Column = TableColumn<ResultRow & { index: number }>;
type Direction = 'ascending' | 'descending';
