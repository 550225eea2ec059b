// The parts for spans of other drivers than Kysely's: @tandem/telemetry/statements. Not an entry of the tarball.

export { endFailed, recordedContext } from './kysely/query-spans.ts';
export { summaryOf } from './kysely/query-summary.ts';
