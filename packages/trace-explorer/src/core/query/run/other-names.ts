import { counted } from '../../../lib/text/words.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import { equalNames } from '../../conventions/attributes.ts';
import type { Field } from '../../store/store.ts';
import { ALL_DATASETS } from '../parse/all-datasets.ts';
import type { QuerySpec } from '../parse/query-spec.ts';

/** Names of one query to look at. */
const MOST = 20;

type Read = (statement: {
  readonly sql: string;
  readonly values: readonly (bigint | string)[];
}) => Promise<readonly (readonly unknown[])[]>;

/**
 * A sentence for each name of the query whose value other rows of the range have under an older or newer name of the
 * conventions: the query does not count these rows, as at Honeycomb.
 */
export async function readOtherNames(
  read: Read,
  fields: ReadonlyMap<string, Field>,
  dataset: string,
  spec: QuerySpec,
  range: TimeInterval,
): Promise<string[]> {
  const pairs = namesOf(spec).flatMap((name) =>
    equalNames(name).flatMap((other) => {
      const field = other === name ? undefined : fields.get(other);
      return field === undefined ? [] : [{ name, other, field }];
    }),
  );
  if (pairs.length === 0) return [];
  const counts = pairs.map(({ name, field }) => {
    const own = fields.get(name);
    return `count(*) FILTER (${field.sql} IS NOT NULL${own ? ` AND ${own.sql} IS NULL` : ''})`;
  });
  const isAll = dataset === ALL_DATASETS;
  const [row = []] = await read({
    sql: `SELECT ${counts.join(', ')} FROM spans WHERE _time >= $1 AND _time < $2${isAll ? '' : ' AND _dataset = $3'}`,
    values: [range.start, range.end, ...(isAll ? [] : [dataset])],
  });
  return pairs.flatMap(({ name, other }, index) => {
    const count = Number(row[index]);
    if (count === 0) return [];
    return [
      `${counted(count, 'span')} of this range ${count === 1 ? 'has' : 'have'} ${other}, another name of ${name}, and no ${name}: the query takes them for spans without a value.`,
    ];
  });
}

/** Columns that the query names and that are not calculated fields, each once. */
function namesOf({ breakdowns, filters, calculations, calculated_fields }: QuerySpec): string[] {
  const columns = [...filters, ...calculations, ...calculations.flatMap(({ filters = [] }) => filters)];
  const own = new Set(calculated_fields.map(({ name }) => name));
  const all = new Set([...breakdowns, ...columns.flatMap(({ column }) => column ?? [])]);
  return [...all].filter((name) => !own.has(name)).slice(0, MOST);
}
