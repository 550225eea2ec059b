import { problems } from '../errors.ts';
import { parseJson } from '../shared/parse-json.ts';
import { cutKey } from '../traces/model/message-shape.ts';
import { ERROR } from './schemas.ts';

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
}

/** A key of an operation, with a long name cut. */
export function keyAt(
  rule: string,
  place: Pick<CauseKey, 'service' | 'name' | 'kind'>,
  { type = '', message = '' } = {},
): CauseKey {
  const { service, name, kind } = place;
  return {
    rule,
    service: cutKey(service),
    name: cutKey(name),
    kind,
    type: cutKey(type),
    message,
  };
}

/** The cause's name in URLs. Everything of the key is in it, so that an old link needs no list of causes. */
export function causeId({ rule, service, name, kind, type, message }: CauseKey): string {
  const parts = rule === ERROR ? [rule, service, name, kind, type, message] : [rule, service, name, kind];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The key of an id. @throws problem CAUSE_NOT_FOUND */
export function keyOfId(id: string): CauseKey {
  try {
    const parts = parseJson(Buffer.from(id, 'base64url').toString());
    if (Array.isArray(parts) && parts.length >= 4 && parts.every((part) => typeof part === 'string')) {
      const [rule = '', service = '', name = '', kind = '', type = '', message = ''] = parts as string[];
      return { rule, service, name, kind, type, message };
    }
  } catch {
    // Not JSON.
  }
  throw problems.CAUSE_NOT_FOUND({
    detail: 'Something cut or changed the address. Open the cause from the overview.',
  });
}
