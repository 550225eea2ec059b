import { createHash } from 'node:crypto';

/** Digits of a cause's short name. */
export const DIGITS = 12;

/** An id has a few hundred characters. Agents and terminals see a shorter one. */
export function shortId(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, DIGITS);
}
