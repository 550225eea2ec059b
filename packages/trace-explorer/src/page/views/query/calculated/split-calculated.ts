import type { CalculatedField } from '../../../../query/parse/query-spec.ts';
import { ClauseError } from '../clauses/clauses.ts';

/** Splits `name = expression` as far as it is written; the expression keeps its spaces, so that places in it are right. */
export function splitCalculated(text: string): { readonly name: string; readonly expression?: string } {
  const at = text.indexOf('=');
  return at < 0
    ? { name: text.trim() }
    : { name: text.slice(0, at).trim(), expression: text.slice(at + 1).trimStart() };
}

/** Reads `slow = GTE($duration_ms, 300)`. What the expression means is the explorer's to say. @throws ClauseError */
export function parseCalculated(text: string): CalculatedField {
  const { name, expression = '' } = splitCalculated(text);
  if (name === '' || expression.trim() === '') {
    throw new ClauseError('Write a name and its expression, such as slow = GTE($duration_ms, 300).');
  }
  return { name, expression: expression.trim() };
}

/** Writes a calculated field as parseCalculated reads it. */
export function formatCalculated({ name, expression }: CalculatedField): string {
  return `${name} = ${expression}`;
}
