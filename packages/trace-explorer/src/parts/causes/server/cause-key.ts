import { createHash } from 'node:crypto';
import { defineProblems } from '@tandem/service-kit/http';
import { calledHost, cutKey } from '../../../core/traces/model/shapes.ts';
import { parseJson } from '../../../lib/text/parse-json.ts';
import { node } from '../part.node.ts';
import { ERROR } from './schemas.ts';

const own = defineProblems(node.problems);

/** The key of a cause: a rule, the span to blame, and for errors the exception. */
export interface CauseKey {
  readonly rule: string;
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  /** The exception's type; empty where there is none. */
  readonly type: string;
  /** The shape of the error's message; empty where there is none. */
  readonly message: string;
  /** The called host, or an agent's tool, that the name leaves out; empty where there is none. */
  readonly target: string;
  /** What the call does, as `shapes.ts` says it: two statements are two causes. Empty for errors, and where the name says it. */
  readonly shape: string;
  /** Of the rules that blame a caller: its file and function, or its route. A line would make each edit above it a new cause. */
  readonly caller: string;
}

/** The shape of a key that stands for all causes that differ from others in shape and caller alone. */
export const REST = '…';

/** A key of an operation, with a long name cut. */
export function keyAt(
  rule: string,
  place: Pick<CauseKey, 'service' | 'name' | 'kind'> & Partial<Pick<CauseKey, 'target' | 'shape' | 'caller'>>,
  { type = '', message = '' } = {},
): CauseKey {
  const { service, name, kind, target = '', shape = '', caller = '' } = place;
  return {
    rule,
    service: cutKey(service),
    name: cutKey(name),
    kind,
    type: cutKey(type),
    message,
    target: cutKey(target),
    shape: cutKey(shape),
    caller: cutKey(caller),
  };
}

/** The cause's name in URLs. Everything of the key is in it, so that an old link needs no list of causes. */
export function causeId(key: CauseKey): string {
  const { rule, service, name, kind, type, message, target, shape, caller } = key;
  const parts = [rule, service, name, kind, type, message, target, shape, caller];
  // Without empty ends, as in links of before.
  const last = rule === ERROR ? 5 : 3;
  while (parts.length > last + 1 && parts.at(-1) === '') parts.pop();
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The key of an id; of one of before without the port that the system chose. @throws problem CAUSE_NOT_FOUND */
export function keyOfId(id: string): CauseKey {
  try {
    const parts = parseJson(Buffer.from(id, 'base64url').toString());
    if (Array.isArray(parts) && parts.length >= 4 && parts.every((part) => typeof part === 'string')) {
      const [rule = '', service = '', name = '', kind = ''] = parts as string[];
      const [type = '', message = '', target = '', shape = '', caller = ''] = parts.slice(4) as string[];
      return { rule, service, name, kind, type, message, target: calledHost(target), shape, caller };
    }
  } catch {
    // Not JSON.
  }
  throw own.CAUSE_NOT_FOUND({
    detail: 'Something cut or changed the address. Open the cause from the overview.',
  });
}

/** Digits of a cause's short name. */
export const DIGITS = 12;

/** An id has a few hundred characters. Agents and terminals see a shorter one. */
export function shortId(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, DIGITS);
}

/** The id that a cause had before statements and callers told causes apart. */
export function oldIdOf(id: string): string {
  return causeId({ ...keyOfId(id), shape: '', caller: '' });
}

/** The cause of an id; of an old one, as in a link of before, the only one that it may mean. */
export function causeOfId<T extends { readonly id: string }>(
  causes: readonly T[],
  id: string,
): T | undefined {
  const [now, old] = [causeId(keyOfId(id)), oldIdOf(id)];
  const found = causes.find((cause) => cause.id === now);
  if (found !== undefined || old !== now) return found;
  const [only, ...others] = causes.filter((cause) => oldIdOf(cause.id) === old);
  return others.length === 0 ? only : undefined;
}
