import { withoutCredentials } from '../secrets.ts';

/** A value as messages show it: quoted, without credentials, and cut so that a pasted file does not fill the screen. */
export function quote(value: string): string {
  const shown = withoutCredentials(value);
  return JSON.stringify(shown.length > 60 ? `${shown.slice(0, 60)}…` : shown);
}
