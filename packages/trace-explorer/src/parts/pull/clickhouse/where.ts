import { CliError } from '../../../core/command/client/explorer-client.ts';
import { CORE_FIELDS } from '../../../core/fields/core-fields.ts';
import type { FilterOp } from '../../../core/query/parse/operators.ts';
import { COMPLEMENTS } from '../../../core/query/parse/operators.ts';
import { queryRules } from '../../../core/query/parse/parse-query.ts';
import type { Filter } from '../../../core/query/parse/query-spec.ts';
import { filterFields } from '../../../core/query/parse/query-spec.ts';
import { readBySchema } from '../../../core/query/parse/read-by-schema.ts';
import { relationOf } from '../../../core/query/parse/relation.ts';
import { strictObject } from '../../../lib/strict-object.ts';
import { quoted } from '../../../lib/text/words.ts';
import { identifier, text } from './sql.ts';
import type { WantedTraces } from './statements.ts';
import { IS_ERROR } from './statements.ts';
import type { Table } from './tables.ts';

const KIND = "lower(replaceRegexpOne(SpanKind, '^SPAN_KIND_', ''))";

/** The columns of fields that are no attributes. Each answers text, or NULL. */
const FIELDS: Readonly<Record<string, string>> = {
  name: 'SpanName',
  'service.name': "nullIf(ServiceName, '')",
  duration_ms: 'toString(Duration / 1e6)',
  'span.kind': KIND,
  type: KIND,
  error: `if(${IS_ERROR}, 'true', NULL)`,
  status_code: `multiIf(${IS_ERROR}, '2', StatusCode IN ('Ok', 'STATUS_CODE_OK'), '1', '0')`,
  status_message: "nullIf(StatusMessage, '')",
  'trace.trace_id': 'TraceId',
  'trace.span_id': 'SpanId',
  'trace.parent_id': "nullIf(ParentSpanId, '')",
};

/** Operators of text, by ClickHouse's functions. */
const FUNCTIONS: Readonly<Partial<Record<FilterOp, string>>> = {
  'starts-with': 'startsWith',
  'ends-with': 'endsWith',
  contains: 'position',
};

const EXAMPLE = '{"filters":[{"column":"service.name","op":"=","value":"checkout"}]}';

/**
 * Reads `filters` and `filter_combination` of a query's JSON, and nothing else of it.
 * @throws CliError naming what the engine cannot ask
 */
export function readWhere(json: string, table: Table): NonNullable<WantedTraces['where']> {
  let where: { filters: readonly Filter[]; filter_combination?: 'AND' | 'OR' };
  try {
    where = readBySchema(strictObject(filterFields), JSON.parse(json), queryRules) as typeof where;
  } catch (error) {
    throw new CliError(
      `--where takes filters and filter_combination of a query’s JSON, such as ${EXAMPLE}: ${Object(error).message}`,
    );
  }
  const { filters, filter_combination: combination = 'AND' } = where;
  const [first, ...more] = filters;
  if (first === undefined) throw new CliError(`--where has no filters. Write some, such as ${EXAMPLE}.`);
  const each = filters.map(({ column, op, value = [] }) => [column, op, value].flat().join(' '));
  return {
    sql: `(${filters.map((filter) => filterSql(filter, table)).join(` ${combination} `)})`,
    words:
      first.column === 'service.name' && first.op === '=' && more.length === 0
        ? `traces that touch ${first.value}`
        : `traces with a span of ${each.join(` ${combination.toLowerCase()} `)}`,
  };
}

function filterSql({ column, op, value }: Filter, table: Table): string {
  const field = fieldSql(column, table);
  const positive = COMPLEMENTS[op];
  return positive === undefined
    ? positiveSql(field, op, value)
    : `NOT ${positiveSql(field, positive, value)}`;
}

/** A condition that is true or false, and never NULL. */
function positiveSql(field: string, op: FilterOp, value: Filter['value']): string {
  if (op === 'exists') return `(${field} IS NOT NULL)`;
  if (op === 'in')
    return `(${[value ?? []]
      .flat()
      .map((each) => positiveSql(field, '=', each))
      .join(' OR ')})`;
  if (typeof value === 'number') return `ifNull(toFloat64OrNull(${field}) ${op} ${value}, 0)`;
  const of = FUNCTIONS[op];
  const bound = text(String(value));
  return of === undefined ? `ifNull(${field} ${op} ${bound}, 0)` : `ifNull(${of}(${field}, ${bound}) > 0, 0)`;
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
