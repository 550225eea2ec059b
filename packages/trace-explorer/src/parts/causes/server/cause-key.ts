import { defineProblems } from '@tandem/service-kit/http';
import { parseJson } from '../../../core/shared/parse-json.ts';
import { cutKey } from '../../../core/traces/model/message-shape.ts';
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
}

/** A key of an operation, with a long name cut. */
export function keyAt(
  rule: string,
  place: Pick<CauseKey, 'service' | 'name' | 'kind'> & Partial<Pick<CauseKey, 'target'>>,
  { type = '', message = '' } = {},
): CauseKey {
  const { service, name, kind, target = '' } = place;
  return {
    rule,
    service: cutKey(service),
    name: cutKey(name),
    kind,
    type: cutKey(type),
    message,
    target: cutKey(target),
  };
}

/** The cause's name in URLs. Everything of the key is in it, so that an old link needs no list of causes. */
export function causeId({ rule, service, name, kind, type, message, target }: CauseKey): string {
  const parts = [rule, service, name, kind, type, message, target];
  // Without empty ends, as in links of before.
  const last = rule === ERROR ? 5 : 3;
  if (target === '') parts.length = last + 1;
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The key of an id. @throws problem CAUSE_NOT_FOUND */
export function keyOfId(id: string): CauseKey {
  try {
    const parts = parseJson(Buffer.from(id, 'base64url').toString());
    if (Array.isArray(parts) && parts.length >= 4 && parts.every((part) => typeof part === 'string')) {
      const [rule = '', service = '', name = '', kind = ''] = parts as string[];
      const [type = '', message = '', target = ''] = parts.slice(4) as string[];
      return { rule, service, name, kind, type, message, target };
    }
  } catch {
    // Not JSON.
  }
  throw own.CAUSE_NOT_FOUND({
    detail: 'Something cut or changed the address. Open the cause from the overview.',
  });
}
