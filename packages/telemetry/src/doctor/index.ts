// @tandem/telemetry/doctor: why there are no traces, one finding at a time.
export { examineDestination, isOfHoneycomb, isProblem } from './examine-destination.ts';
export type { ExaminedSettings } from './examine-settings.ts';
export { carriesTraces, examineSettings } from './examine-settings.ts';
export type { Finding, FindingLevel } from './finding.ts';
export { reportFindings } from './report-findings.ts';
export type { SelfTest } from './self-test.ts';
export { startSelfTest } from './self-test.ts';
