import { useMemo } from 'preact/hooks';
import { timesOf } from '../../../../core/places/shown-range.ts';
import type { QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import type { SavedField } from '../../../../core/query/parse/saved-fields.ts';
import { getOrMake } from '../../../../lib/get-or-make.ts';
import { ApiError, getJson } from '../../../../page/api/api.ts';
import { sendQuery } from '../../../../page/api/send-query.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import { rangeOf } from '../../with-query-range.ts';
import { readHistory } from '../history.ts';
import type { Question } from '../shown-query.ts';
import { formatFilter } from './clauses.ts';
import type { CompletionContext } from './complete.ts';
import type { FieldInfo } from './fields.ts';
import { namedFields } from './fields.ts';

/** The fields of all services: saved calculated fields, and fields of spans. */
export async function readFields(signal: AbortSignal) {
  const [columns, saved] = await Promise.all([
    getJson<{ key_name: string; type: FieldInfo['type'] }[]>('/1/columns/__all__', signal),
    getJson<SavedField[]>('/1/derived_columns/__all__', signal).catch((error) => {
      if (error instanceof ApiError && error.status === 409) return undefined;
      throw error;
    }),
  ]);
  const names = new Set(saved?.map(({ alias }) => alias));
  const fields = [
    ...(saved ?? []).map(
      ({ alias, expression }): FieldInfo => ({ name: alias, type: 'calculated', expression }),
    ),
    ...columns.flatMap(({ key_name, type }) => (names.has(key_name) ? [] : [{ name: key_name, type }])),
  ];
  /** An unreadable file may have more saved fields. */
  const mayHaveMore = saved === undefined;
  return { fields, mayHaveMore };
}

/** Fields with their weights: first by the queries of this browser, then by the number of spans with the field. */
export function useFieldUse(fields: readonly FieldInfo[], turn: unknown): readonly FieldInfo[] {
  const { value: counts = noCounts } = useLoad(
    async (signal) => (await getJson<{ fields: Record<string, number> }>('/api/fields', signal)).fields,
    [turn],
  );
  return useMemo(() => {
    const [asked, known] = [new Map<string, number>(), new Map(Object.entries(counts))];
    for (const { query } of readHistory()) {
      for (const name of namedFields(query)) asked.set(name, (asked.get(name) ?? 0) + 1);
    }
    // A field of an earlier query comes before all others; span counts are cut at 20,000. A saved field is there to be used, so
    // it has a high weight.
    return fields.map((field) => ({
      ...field,
      use:
        (asked.get(field.name) ?? 0) * 1e6 +
        (field.expression === undefined ? (known.get(field.name) ?? 0) : 1e5),
    }));
  }, [fields, counts]);
}

const noCounts: Readonly<Record<string, number>> = {};

/** The context of completion: fields, and their values in the query's time range. */
export function useCompletion({ dataset, query, fields }: Question): CompletionContext {
  return useMemo(() => {
    const known = new Map<string, Promise<readonly string[]>>();
    return {
      fields,
      query,
      values: async (column, part) => {
        const all = await getOrMake(known, column, () => readValues(dataset, query, column));
        const wanted = part.toLowerCase();
        return all.filter((value) => value.toLowerCase().includes(wanted));
      },
    };
  }, [dataset, query, fields]);
}

/** The 200 most frequent values of a field, in the form of a clause. */
async function readValues(dataset: string, query: QuerySpecInput, column: string) {
  const filters = [{ column, op: 'exists' }] as const;
  const data = await sendQuery(
    dataset,
    { breakdowns: [column], filters, limit: 200, ...timesOf(rangeOf(query)) },
    { series: false },
  );
  const start = `${column} = `;
  return data.results.flatMap(({ data: row }) => {
    const value = row[column];
    if (value === null || value === undefined || typeof value === 'object') return [];
    return [formatFilter({ column, op: '=', value }).slice(start.length)];
  });
}
