import { CliError } from '../../../core/command/client/explorer-client.ts';
import { CORE_FIELDS } from '../../../core/fields/core-fields.ts';
import type { FilterOp } from '../../../core/query/parse/operators.ts';
import { COMPLEMENTS } from '../../../core/query/parse/operators.ts';
import { queryRules } from '../../../core/query/parse/parse-query.ts';
import type { Filter, FilterValue } from '../../../core/query/parse/query-spec.ts';
import { filterFields } from '../../../core/query/parse/query-spec.ts';
import { readBySchema } from '../../../core/query/parse/read-by-schema.ts';
import { relationOf } from '../../../core/query/parse/relation.ts';
import { strictObject } from '../../../core/shared/strict-object.ts';
import { quoted } from '../../../core/shared/words.ts';
import { identifier, text } from './sql.ts';
import { IS_ERROR } from './statements.ts';
import type { Table } from './tables.ts';

/** The columns of fields that are no attributes. Each answers text, or NULL. */
const FIELDS: Readonly<Record<string, string>> = {
  name: 'SpanName',
  'service.name': "nullIf(ServiceName, '')",
  duration_ms: 'toString(Duration / 1e6)',
  'span.kind': "lower(replaceRegexpOne(SpanKind, '^SPAN_KIND_', ''))",
  type: "lower(replaceRegexpOne(SpanKind, '^SPAN_KIND_', ''))",
  error: `if(${IS_ERROR}, 'true', NULL)`,
  status_code: `multiIf(${IS_ERROR}, '2', StatusCode IN ('Ok', 'STATUS_CODE_OK'), '1', '0')`,
  status_message: "nullIf(StatusMessage, '')",
  'trace.trace_id': 'TraceId',
  'trace.span_id': 'SpanId',
  'trace.parent_id': "nullIf(ParentSpanId, '')",
};

/**
 * SQL of the spans that match `filters` and `filter_combination` of a query's JSON, and nothing else of it.
 * @throws CliError naming what the engine cannot ask
 */
export function whereSql(json: string, table: Table): string {
  let where: { filters: readonly Filter[]; filter_combination?: 'AND' | 'OR' };
  try {
    where = readBySchema(strictObject(filterFields), JSON.parse(json), queryRules) as typeof where;
  } catch (error) {
    throw new CliError(
      `--where takes filters and filter_combination of a query’s JSON: ${Object(error).message}`,
    );
  }
  if (where.filters.length === 0) throw new CliError('--where has no filters.');
  return `(${where.filters.map((filter) => filterSql(filter, table)).join(` ${where.filter_combination ?? 'AND'} `)})`;
}

/** Says which traces match: `traces that touch checkout`. The JSON is checked already. */
export function whereWords(json: string): string {
  const { filters, filter_combination = 'and' } = JSON.parse(json) as {
    filters: Filter[];
    filter_combination?: string;
  };
  const [first, ...more] = filters;
  if (first?.column === 'service.name' && first.op === '=' && more.length === 0)
    return `traces that touch ${first.value}`;
  const each = filters.map(({ column, op, value }) =>
    [column, op, ...(value === undefined ? [] : [value].flat())].join(' '),
  );
  return `traces with a span of ${each.join(` ${filter_combination.toLowerCase()} `)}`;
}

function filterSql({ column, op, value }: Filter, table: Table): string {
  const complement = COMPLEMENTS[op];
  if (complement !== undefined)
    return `NOT ${filterSql({ column, op: complement, ...(value !== undefined && { value }) }, table)}`;
  const field = fieldSql(column, table);
  if (op === 'exists') return `(${field} IS NOT NULL)`;
  if (op === 'in') {
    const any = [value ?? []].flat().map((each) => comparisonSql(field, '=', each as FilterValue));
    return `(${any.join(' OR ')})`;
  }
  const bound = text(String(value));
  if (op === 'starts-with') return `ifNull(startsWith(${field}, ${bound}), 0)`;
  if (op === 'ends-with') return `ifNull(endsWith(${field}, ${bound}), 0)`;
  if (op === 'contains') return `ifNull(position(${field}, ${bound}) > 0, 0)`;
  return comparisonSql(field, op, value as FilterValue);
}

function comparisonSql(field: string, op: FilterOp, value: FilterValue): string {
  if (typeof value === 'number') return `ifNull(toFloat64OrNull(${field}) ${op} ${value}, 0)`;
  return `ifNull(${field} ${op} ${text(String(value))}, 0)`;
}

function fieldSql(column: string, { isJson }: Table): string {
  if (Object.hasOwn(FIELDS, column)) return `(${FIELDS[column]})`;
  if (CORE_FIELDS.has(column) || relationOf(column) !== undefined || column.startsWith('$'))
    throw new CliError(
      `--where cannot ask the engine for ${quoted(column)}. Filter by fields of spans themselves.`,
    );
  const each = (map: string) =>
    isJson
      ? `CAST(${map}.${identifier(column)} AS Nullable(String))`
      : `if(mapContains(${map}, ${text(column)}), ${map}[${text(column)}], NULL)`;
  return `coalesce(${each('SpanAttributes')}, ${each('ResourceAttributes')})`;
}
