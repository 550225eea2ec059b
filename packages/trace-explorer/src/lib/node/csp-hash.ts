import { createHash } from 'node:crypto';

/** The name of an inline script or style in a content security policy (CSP level 3, hash-source). */
export function cspHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
