import { existsSync } from 'node:fs';
import type { Need } from './fault.ts';
import { canMount } from './volume.ts';

const CHECKS: Readonly<
  Record<Need, { readonly why: string; readonly isThere: () => Promise<boolean> | boolean }>
> = {
  PostgreSQL: {
    why: 'needs PostgreSQL in /usr/lib/postgresql',
    isThere: () => existsSync('/usr/lib/postgresql'),
  },
  mount: { why: 'needs the right to mount a file system (root)', isThere: canMount },
};

/** Why a fault cannot be caused on this machine; undefined when it can. */
export async function whatIsMissing(needs: readonly Need[]): Promise<string | undefined> {
  for (const need of needs) {
    const { why, isThere } = CHECKS[need];
    if (!(await isThere())) return why;
  }
  return undefined;
}
