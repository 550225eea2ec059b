import type { Fault } from '../fault.ts';
import { databaseFaults } from './database.ts';
import { diskFaults } from './disk.ts';
import { explorerFaults } from './explorer.ts';
import { processFaults } from './process.ts';
import { traceBackendFaults } from './trace-backend.ts';
import { userLookupFaults } from './user-lookup.ts';

/** The faults, by the headings of docs/reliability.md. */
export const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  'user-lookup': userLookupFaults,
  Databases: databaseFaults,
  'Trace backend': traceBackendFaults,
  Processes: processFaults,
  Disk: diskFaults,
  'Trace explorer and its tee': explorerFaults,
};
