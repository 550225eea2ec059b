import { RE2JS } from 're2js';
import type { CallContext, Fn, Term } from './value.ts';
import { bool, text } from './value.ts';

/** Functions of texts, after Honeycomb's reference of string functions. */
export const TEXT_FUNCTIONS: readonly (readonly [string, Fn])[] = [
  [
    'CONCAT',
    {
      min: 1,
      max: Infinity,
      sql: (args) => ({ sql: `concat(${args.map(text).join(', ')})`, type: 'string' }),
    },
  ],
  ['TO_LOWER', { min: 1, max: 1, sql: ([a]) => ({ sql: `lower(${onlyText(a)})`, type: 'string' }) }],
  ['LENGTH', { min: 1, max: 2, sql: ([a, unit], { refuse }) => length(a, unit, refuse) }],
  ['STARTS_WITH', textual('starts_with')],
  ['ENDS_WITH', textual('ends_with')],
  ['CONTAINS', textual('contains')],
  ['REG_MATCH', regular((x, pattern) => bool(`coalesce(regexp_matches(${x}, ${pattern}), false)`))],
  [
    'REG_VALUE',
    regular((x, pattern, groups) => {
      const found = `regexp_extract(${x}, ${pattern}, ${groups > 0 ? 1 : 0})`;
      return { sql: `(CASE WHEN regexp_matches(${x}, ${pattern}) THEN ${found} END)`, type: 'string' };
    }),
  ],
  [
    'REG_COUNT',
    regular(
      (x, pattern) => ({
        sql: `coalesce(CAST(len(regexp_extract_all(${x}, ${pattern})) AS BIGINT), 0)`,
        type: 'integer',
      }),
      false,
    ),
  ],
];

/** A text; NULL for a value of another type. */
function onlyText(value: Term | undefined): string {
  return value?.type === 'string' ? value.sql : 'NULL::VARCHAR';
}

function textual(fn: string): Fn {
  return {
    min: 2,
    max: 2,
    sql: ([a, b]) => {
      const strings = a?.type === 'string' && b?.type === 'string';
      return bool(strings ? `coalesce(${fn}(${a.sql}, ${b.sql}), false)` : 'false');
    },
  };
}

function length(value: Term | undefined, unit: Term | undefined, refuse: CallContext['refuse']): Term {
  if (unit !== undefined && unit.literal !== 'bytes' && unit.literal !== 'chars')
    return refuse('LENGTH counts "chars" or "bytes"');
  const fn = unit?.literal === 'bytes' ? 'strlen' : 'length';
  return { sql: `CAST(${fn}(${onlyText(value)}) AS BIGINT)`, type: 'integer' };
}

/**
 * A function of a text and a regular expression. Honeycomb uses Go's regular expressions, this code DuckDB's. Both are RE2,
 * whose time is linear in the text. The check comes before DuckDB sees the expression.
 */
function regular(sql: (x: string, pattern: string, groups: number) => Term, countsEmpty = true): Fn {
  return {
    min: 2,
    max: 2,
    sql: ([value, pattern], { bind, refuse }) => {
      const written = pattern?.literal;
      if (typeof written !== 'string')
        return refuse('a regular expression is a text in quotes or back quotes');
      const compiled = compileRegular(written, refuse);
      if (!countsEmpty && compiled.matcher('').find()) {
        return refuse(
          `${JSON.stringify(written)} matches an empty text: Honeycomb counts no empty match beside another one, DuckDB does; write it so that it needs a character`,
        );
      }
      return sql(onlyText(value), bind(written, 'VARCHAR'), compiled.groupCount());
    },
  };
}

function compileRegular(pattern: string, refuse: CallContext['refuse']): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refuse(`${JSON.stringify(pattern)} is not a regular expression of RE2: ${reason}`);
  }
}
