// What spans of other drivers than Kysely's build on: @tandem/telemetry/statements. It is not an entry of the tarball.

export { endFailed, recordedContext } from './kysely/query-spans.ts';
export { summaryOf } from './kysely/query-summary.ts';
