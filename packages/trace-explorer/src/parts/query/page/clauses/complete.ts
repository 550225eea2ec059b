import {
  CALCULATION_OPS,
  calculationKey,
  FILTER_OPS,
  HAVING_OPS,
} from '../../../../core/query/parse/operators.ts';
import type { QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import type { Relation } from '../../../../core/query/parse/relation.ts';
import { RELATIONS, relationOf, SINGLE_RELATIONS } from '../../../../core/query/parse/relation.ts';
import { splitFilter } from './clauses.ts';
import type { FieldInfo } from './fields.ts';
import { matchingFields } from './fields.ts';

/** A possible next part of a clause. */
export interface Suggestion {
  /** The clause's whole text after taking this suggestion. */
  readonly text: string;
  /** What the list says instead of the text. */
  readonly label?: string;
  readonly detail?: string;
  /** Whether the suggestion completes the clause. */
  readonly done: boolean;
  /** Whether the suggestion is a value. A person may also write another value. */
  readonly isValue?: boolean;
}

export interface CompletionContext {
  readonly fields: readonly FieldInfo[];
  readonly query: QuerySpecInput;
  /** Values of a field, most frequent first, in the form of a clause. */
  readonly values: (column: string, part: string) => Promise<readonly string[]>;
}

export type Complete = (
  text: string,
  context: CompletionContext,
) => readonly Suggestion[] | Promise<readonly Suggestion[]>;

const MOST_VALUES = 50;

/** Operators by how often people use them. */
const OPS_BY_USE = ['COUNT', 'HEATMAP', 'P90', 'P99', 'P50', 'AVG', 'MAX', 'MIN', 'SUM', 'COUNT_DISTINCT'];

export const completeCalculation: Complete = (text, { fields }) => {
  const open = text.indexOf('(');
  if (open < 0) {
    const wanted = text.trim().toUpperCase();
    return [...new Set([...OPS_BY_USE, ...CALCULATION_OPS])]
      .filter((op) => op.startsWith(wanted))
      .map((op) => {
        const done = op === 'COUNT' || op === 'CONCURRENCY';
        return done ? { text: op, done } : { text: `${op}(`, label: `${op}(…)`, done };
      });
  }
  const op = text.slice(0, open).trim().toUpperCase();
  const part = text
    .slice(open + 1)
    .replace(/\)\s*$/u, '')
    .trim();
  const anyType = op === 'COUNT' || op === 'COUNT_DISTINCT';
  // Fields that hold numbers.
  const possible = fields.filter(({ type }) => anyType || /^(?:integer|float|calculated)$/u.test(type));
  return matchingFields(possible, part).map(({ name, type }) => ({
    text: `${op}(${name})`,
    detail: type,
    done: true,
  }));
};

export const completeFilter: Complete = async (text, { fields, values }) => {
  const { column, op, rest, afterColumn } = splitFilter(text, fields);
  if (!afterColumn) {
    return completeNames(fields, column, Object.keys(RELATIONS) as Relation[]).map((each) =>
      each.done ? { ...each, text: `${each.text} `, done: false } : each,
    );
  }
  if (op === 'exists' || op === 'does-not-exist') return [];
  if (op === undefined || (rest === '' && text.trimEnd().endsWith(op) && !/\s$/u.test(text))) {
    return FILTER_OPS.filter((each) => each.startsWith(op ?? rest)).map((each) => {
      const done = each.endsWith('exists') || each === 'does-not-exist';
      return { text: `${column} ${each}${done ? '' : ' '}`, label: each, done };
    });
  }
  const list = op === 'in' || op === 'not-in';
  const comma = list ? rest.lastIndexOf(',') : -1;
  const kept = rest.slice(0, comma + 1);
  const named = fields.some(({ name }) => name === column) ? column : (relationOf(column)?.field ?? column);
  const found = await values(named, rest.slice(comma + 1).trim());
  return found.slice(0, MOST_VALUES).map((value) => ({
    text: `${column} ${op} ${kept}${kept === '' ? '' : ' '}${value}`,
    label: value,
    done: !list,
    isValue: true,
  }));
};

export const completeField: Complete = (text, { fields, query }) =>
  completeNames(fields, text.trim(), SINGLE_RELATIONS).filter(
    ({ text }) => !query.breakdowns?.includes(text),
  );

/** Matching names of fields, then prefixes of other spans. After a prefix, fields of the other spans. */
function completeNames(
  fields: readonly FieldInfo[],
  text: string,
  relations: readonly Relation[],
): Suggestion[] {
  const related = relationOf(text);
  const prefix = related !== undefined && relations.includes(related.relation) ? `${related.relation}.` : '';
  const names = matchingFields(fields, text.slice(prefix.length)).map(({ name, type }) => ({
    text: prefix + name,
    detail: type,
    done: true,
  }));
  if (prefix !== '') return names;
  const wanted = text.toLowerCase();
  const prefixes = relations
    .filter((relation) => `${relation}.`.startsWith(wanted))
    .map((relation) => ({
      text: `${relation}.`,
      label: `${relation}. …`,
      detail: RELATIONS[relation],
      done: false,
    }));
  // After names that begin with the text, and before names that contain it elsewhere.
  const begin = names.filter((each) => each.text.toLowerCase().startsWith(wanted));
  return [...begin, ...prefixes, ...names.filter((each) => !begin.includes(each))];
}

export const completeOrder: Complete = (text, { query }) => {
  const wanted = text.trim().toLowerCase();
  return [...comparable(query), ...(query.breakdowns ?? [])]
    .flatMap((target) => [`${target} desc`, `${target} asc`])
    .filter((each) => each.toLowerCase().includes(wanted))
    .map((each) => ({ text: each, done: true }));
};

export const completeHaving: Complete = (text, { query }) => {
  const wanted = text.trim().toLowerCase();
  return comparable(query)
    .flatMap((target) => HAVING_OPS.map((op) => `${target} ${op} `))
    .filter((each) => each.toLowerCase().startsWith(wanted) && each.trim().toLowerCase() !== wanted)
    .map((each) => ({ text: each, done: false }));
};

/** Formulas, and calculations by name or by operator, which are numbers. A query without calculations counts events. */
function comparable({ calculations = [], formulas = [] }: QuerySpecInput): string[] {
  const all = calculations.length === 0 ? [{ op: 'COUNT' } as const] : calculations;
  const keys = all.map(calculationKey).filter((each) => !each.startsWith('HEATMAP'));
  return [...formulas.map(({ name }) => name), ...keys];
}
