import type { Fault } from '../fault.ts';
import { userLookupFaults } from './user-lookup.ts';

/** A section of docs/reliability.md. */
export interface Part {
  readonly title: string;
  readonly faults: readonly Fault[];
}

export const PARTS: readonly Part[] = [{ title: 'user-lookup', faults: userLookupFaults }];
