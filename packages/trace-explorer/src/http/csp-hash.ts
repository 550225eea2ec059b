import { createHash } from 'node:crypto';

/** How a content security policy names an inline script or style that may be used (CSP level 3, hash-source). */
export function cspHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
