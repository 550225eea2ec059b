import type { Complete, Suggestion } from '../clauses/complete.ts';
import { matchingFields } from '../clauses/fields.ts';
import { splitCalculated } from './split-calculated.ts';

/** Names that need no quotes, by Honeycomb's grammar (HCDC.g4). */
const PLAIN_NAME = /^[\p{Letter}\p{Nd}_./:=+?-]+$/u;

/** Completes the end of `name = expression`: with fields after `$`, elsewhere with functions and fields. */
export const completeExpression: Complete = async (text, { fields }) => {
  const { name, expression } = splitCalculated(text);
  if (expression === undefined || isInText(expression)) return [];
  // Loaded with the first calculated field.
  const { default: FUNCTIONS } = await import('./functions.json', { with: { type: 'json' } });
  const possible = fields.filter((field) => field.name !== name || field.type !== 'calculated');
  const [, column] = /\$([^\s,()"`$]*)$/u.exec(expression) ?? [];
  const word = /(?<![\w.])[\w.]+$/u.exec(expression)?.[0].replace(/^[\d.]+/u, '') ?? '';
  const typed = column === undefined ? word : `$${column}`;
  const start = text.slice(0, text.length - typed.length);
  const columns = (part: string): Suggestion[] =>
    matchingFields(possible, part).map((field) => ({
      text: start + columnText(field.name),
      label: columnText(field.name),
      detail: field.expression ?? field.type,
      done: false,
    }));
  if (column !== undefined) return columns(column).filter((each) => each.text !== text);
  // After a value comes an operator, a comma or a bracket.
  if (word === '' && !/(?:^|[(,=<>+*/%!-])\s*$/u.test(expression)) return [];
  const fitting = Object.entries(FUNCTIONS)
    .filter(([each]) => each.startsWith(word.toUpperCase()))
    .map(([each, takes]) => ({ text: `${start}${each}(`, label: `${each}(…)`, detail: takes, done: false }));
  return word === '' ? [...fitting, ...columns('')] : [...fitting, ...columns(word)];
};

/** A column in an expression: `$duration_ms`, in quotes when its name has other characters. */
function columnText(name: string): string {
  return PLAIN_NAME.test(name) ? `$${name}` : `$${JSON.stringify(name)}`;
}

/** Whether an expression ends within double quotes or back quotes. */
function isInText(expression: string): boolean {
  const texts = expression.matchAll(/"(?:[^"\\]|\\.)*("|\\?$)|`[^`]*(`|$)/gsu);
  return [...texts].some(([, quote, end = quote]) => end !== '"' && end !== '`');
}
