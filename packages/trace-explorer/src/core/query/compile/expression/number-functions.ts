import type { CallContext, Fn, Term } from './value.ts';
import { as, commonSqlType, kind, number, text, truthy } from './value.ts';

/** Functions that calculate and convert, after Honeycomb's reference of math functions and casts. */
export const NUMBER_FUNCTIONS: readonly (readonly [string, Fn])[] = [
  ['SUM', arithmetic(1, Infinity, (args) => chain(args, ' + '))],
  ['SUB', arithmetic(2, 2, ([a, b]) => `${a} - ${b}`)],
  ['MUL', arithmetic(1, Infinity, (args) => chain(args, ' * '))],
  ['DIV', arithmetic(2, 2, ([a, b]) => `${a} / nullif(${b}, 0)`)],
  ['MOD', arithmetic(2, 2, ([a, b]) => `${a} % nullif(${b}, 0)`)],
  ['MIN', { min: 1, max: Infinity, sql: (args) => extreme('least', args) }],
  ['MAX', { min: 1, max: Infinity, sql: (args) => extreme('greatest', args) }],
  // Only numbers above 0 have a logarithm.
  ['LOG10', { min: 1, max: 1, sql: ([a]) => float(`log10(nullif(greatest(${number(a)}, 0), 0))`) }],
  ['BUCKET', { min: 2, max: 4, sql: bucket }],
  ['INT', { min: 1, max: 1, sql: ([a]) => ({ sql: integer(a), type: 'integer' }) }],
  ['FLOAT', { min: 1, max: 1, sql: ([a]) => float(`coalesce(${number(a)}, 0)`) }],
  ['BOOL', { min: 1, max: 1, sql: ([a]) => ({ sql: a ? truthy(a) : 'false', type: 'boolean' }) }],
  ['STRING', { min: 1, max: 1, sql: ([a]) => ({ sql: `coalesce(${text(a)}, '')`, type: 'string' }) }],
];

function float(sql: string): Term {
  return { sql, type: 'float' };
}

function arithmetic(min: number, max: number, join: (args: readonly string[]) => string): Fn {
  return { min, max, sql: (args) => float(`(${join(args.map((arg) => `coalesce(${number(arg)}, 0)`))})`) };
}

/** Terms of one part of a chain: DuckDB plans a chain of hundreds, each of which holds all before it, for a minute. */
const PART = 16;

/** Joins terms by an operator that may be applied in parts. */
function chain(terms: readonly string[], operator: string): string {
  if (terms.length <= PART) return terms.join(operator);
  const size = Math.ceil(terms.length / PART);
  const parts = Array.from({ length: Math.ceil(terms.length / size) }, (_, i) =>
    chain(terms.slice(i * size, (i + 1) * size), operator),
  );
  return parts.map((part) => `(${part})`).join(operator);
}

function integer(value: Term | undefined): string {
  if (value?.type === 'integer') return `coalesce(${value.sql}, 0)`;
  return `coalesce(TRY_CAST(trunc(${number(value)}) AS BIGINT), 0)`;
}

/** The smallest or largest argument, among the arguments of the same kind as the first one that is not null. */
function extreme(fn: 'least' | 'greatest', args: readonly Term[]): Term {
  const present = args.filter(({ type }) => type !== 'null');
  const kinds = [...new Set(present.map(kind))];
  const type = commonSqlType(present);
  const best = (some: readonly Term[]): Term => {
    const own = commonSqlType(some);
    return { sql: `${fn}(${some.map((arg) => as(own, arg)).join(', ')})`, type: own };
  };
  if (kinds.length <= 1) return present.length === 0 ? { sql: 'NULL::VARCHAR', type } : best(present);
  const branches = present.map((arg) => {
    const same = best(present.filter((each) => kind(each) === kind(arg)));
    return ` WHEN ${arg.sql} IS NOT NULL THEN ${as(type, same)}`;
  });
  return { sql: `(CASE${branches.join('')} END)`, type };
}

/**
 * Names of ranges: `< 0`, `0 - 10`, `10 - 20`, `> 20`. A number on the border of two ranges belongs to the lower one. Without
 * `max` there is no upper end; without `min` and `max` there is no end.
 */
function bucket([value, ...sizes]: readonly Term[], { bind, refuse }: CallContext): Term {
  const [size, min, max] = sizes.map(({ literal }) =>
    typeof literal === 'number' || typeof literal === 'bigint'
      ? Number(literal)
      : refuse('BUCKET takes numbers, not fields, for size, min and max'),
  );
  if (size === undefined || size <= 0) return refuse('BUCKET needs a size above 0');
  if (max !== undefined && max <= (min ?? 0)) return refuse('BUCKET needs a max above its min');
  if (value === undefined || kind(value) !== 'number') return { sql: 'NULL::VARCHAR', type: 'string' };
  const double = (constant: number) => bind(constant, 'DOUBLE');
  const name = (sql: string) => text(float(sql));
  const [x, from] = [number(value), double(min ?? 0)];
  const start = `${from} + (ceil((${x} - ${from}) / ${double(size)}) - 1) * ${double(size)}`;
  const end = `${start} + ${double(size)}`;
  const branches = [
    ` WHEN NOT isfinite(${x}) THEN NULL`,
    ...(min === undefined ? [] : [` WHEN ${x} <= ${from} THEN '< ' || ${name(from)}`]),
    ...(max === undefined ? [] : [` WHEN ${x} > ${double(max)} THEN '> ' || ${name(double(max))}`]),
    ` WHEN ${x} IS NOT NULL THEN ${name(start)} || ' - ' || ${name(max === undefined ? end : `least(${end}, ${double(max)})`)}`,
  ];
  return { sql: `(CASE${branches.join('')} END)`, type: 'string' };
}
