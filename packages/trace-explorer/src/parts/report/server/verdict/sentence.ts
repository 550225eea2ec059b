import { quoted } from '../../../../core/shared/words.ts';
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
  const { rule, rules, kind, service, example } = cause;
  const isPlain = rule === ERROR && rules.every((each) => each === 'failed-request');
  const { type = '', target = '', message: shape = '' } = cause;
  const name = kind === 'server' && route !== '' && saysNothing(cause.name) ? route : cause.name;
  const own = sentenceOf({ ...cause, name, type, target, message: message || shape });
  if (!isAlone) return isPlain ? own : (example ?? own);
  // The error's message stays as it is.
  return isPlain ? own.replace(` of ${quoted(service)}`, () => '') : withoutService(example ?? own, service);
}

/** A sentence that names the service nowhere: `GET /a of shop fails` → `GET /a fails`. */
export function withoutService(sentence: string, service: string): string {
  const name = quoted(service);
  const said: readonly (readonly [string, string])[] = [
    [` in ${name} itself`, ' by itself'],
    [` because of ${name}`, ''],
    [
      ` between ${name} and ${name}, before or after the span there`,
      ' before or after the span that answers it',
    ],
    [` ${name} had given up`, ' its caller had given up'],
  ];
  const own = said.reduce((text, [from, to]) => text.replaceAll(from, to), sentence);
  const whole = own.startsWith(`${name} `) ? `The service${own.slice(name.length)}` : own;
  const [first = '', ...rest] = whole.split(` of ${name}`);
  // ` of shop` is no part of ` of shop-2`.
  return rest.reduce(
    (text, part) => text + (/^(?:[\w/-]|[.:]\w)/.test(part) ? ` of ${name}` : '') + part,
    first,
  );
}
