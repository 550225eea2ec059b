import type { CalculatedField } from '../../../../core/query/parse/query-spec.ts';
import { ClauseError } from '../clauses/clauses.ts';

/** Splits `name = expression`, also an unfinished one. The expression keeps its spaces, so that positions stay correct. */
export function splitCalculated(text: string): { readonly name: string; readonly expression?: string } {
  const at = text.indexOf('=');
  return at < 0
    ? { name: text.trim() }
    : { name: text.slice(0, at).trim(), expression: text.slice(at + 1).trimStart() };
}

/** Reads `slow = GTE($duration_ms, 300)`. The explorer checks the expression. @throws ClauseError */
export function parseCalculated(text: string): CalculatedField {
  const { name, expression = '' } = splitCalculated(text);
  if (name === '' || expression.trim() === '') {
    throw new ClauseError('Write a name and its expression, such as slow = GTE($duration_ms, 300).');
  }
  return { name, expression: expression.trim() };
}

/** Writes a calculated field in the form that parseCalculated reads. */
export function formatCalculated({ name, expression }: CalculatedField): string {
  return `${name} = ${expression}`;
}
