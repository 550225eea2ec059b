// @tandem/telemetry/doctor: why there are no traces, one finding at a time.
export type { Examined } from './examine.ts';
export { examine } from './examine.ts';
export { examineDestination, isOfHoneycomb, isProblem } from './examine-destination.ts';
export { examineNode } from './examine-node.ts';
export type { ExaminedSettings } from './examine-settings.ts';
export { carriesTraces, examineSettings } from './examine-settings.ts';
export type { Finding, FindingLevel } from './finding.ts';
export { reportFindings } from './report-findings.ts';
export type { SelfTest } from './self-test.ts';
export { startSelfTest } from './self-test.ts';
