import type { Fault } from '../fault.ts';
import { databaseFaults } from './database.ts';
import { diskFaults } from './disk.ts';
import { processFaults } from './process.ts';
import { traceBackendFaults } from './trace-backend.ts';
import { userLookupFaults } from './user-lookup.ts';

/** A section of docs/reliability.md. */
export interface Part {
  readonly title: string;
  readonly faults: readonly Fault[];
}

export const PARTS: readonly Part[] = [
  { title: 'user-lookup', faults: userLookupFaults },
  { title: 'Databases', faults: databaseFaults },
  { title: 'Trace backend', faults: traceBackendFaults },
  { title: 'Processes, clock and names', faults: processFaults },
  { title: 'Disk', faults: diskFaults },
];
