import type { Statement } from '../compile/binder.ts';
import { Binder } from '../compile/binder.ts';
import { formulasSql } from '../compile/formulas.ts';
import { calculationKey } from '../parse/operators.ts';
import type { QuerySpec } from '../parse/query-spec.ts';
import type { ResultRow, ResultValue } from '../result/query-result.ts';
import { scalar } from '../result/result-value.ts';

type Read = (statement: Statement) => Promise<readonly (readonly unknown[])[]>;

/**
 * Rows of results or of a series with formulas instead of calculations. The store calculates the formulas, so that their
 * values are the ones by which it orders.
 */
export async function withFormulas<Row extends ResultRow>(
  read: Read,
  spec: QuerySpec,
  rows: readonly Row[],
): Promise<Row[]> {
  if (spec.formulas.length === 0 || rows.length === 0) return [...rows];
  const keys = spec.calculations.map(calculationKey);
  const values = rows.map(({ data }) => keys.map((key) => numberOf(data[key])));
  const binder = new Binder();
  const formulas = formulasSql(spec, binder);
  const given = binder.bind(JSON.stringify(values), 'VARCHAR');
  const columns = keys.map((_, i) => `v[${i + 1}] AS a${i}`);
  const all = `SELECT unnest(from_json(${given}, '[["DOUBLE"]]')) AS v, unnest(range(${rows.length})) AS place`;
  const calculated = await read(
    binder.finish(
      `SELECT ${formulas.join(', ')} FROM (SELECT ${columns.join(', ')}, place FROM (${all})) ORDER BY place`,
    ),
  );
  return rows.map((row, at) => {
    const names = spec.breakdowns.map((name): [string, ResultValue] => [name, row.data[name] ?? null]);
    const own = spec.formulas.map(({ name }, i): [string, ResultValue] => [
      name,
      scalar(calculated[at]?.[i] ?? null),
    ]);
    return { ...row, data: Object.fromEntries([...names, ...own]) };
  });
}

function numberOf(value: ResultValue | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
