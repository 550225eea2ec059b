import { saysNothing } from '../../../../core/traces/findings/words.ts';
import { ERROR } from '../../../causes/server/schemas.ts';
import { sentenceOf } from '../../../causes/server/words.ts';
import type { Sight } from '../cause-sights.ts';

/**
 * The sentence of a sight with its figures: the finding's own; of an error that ends a request the error itself.
 * @param route of the request, where the server gives its requests no names
 * @param isAlone the run has one service, which needs no name
 */
export function causeSentence(
  { cause, message }: Pick<Sight, 'cause' | 'message'>,
  route: string,
  isAlone: boolean,
): string {
  const { rule, rules, kind } = cause;
  const example = isAlone ? cause.short_example : cause.example;
  const isPlain = rule === ERROR && rules.every((name) => name === 'failed-request');
  if (!isPlain && example !== undefined) return example;
  const { type = '', target = '', message: shape = '' } = cause;
  const name = kind === 'server' && route !== '' && saysNothing(cause.name) ? route : cause.name;
  return sentenceOf({ ...cause, name, type, target, message: message || shape }, isAlone);
}
