// @tandem/telemetry/settings: variables of an app's own, read and refused as telemetry's are. Loads nothing of OpenTelemetry.

export type { Kind, Variable } from './kinds.ts';
export { FLAG, oneOf, row, textThat, wholeNumber } from './kinds.ts';
export type { Environment, VariableTable } from './reader.ts';
export { VariableReader } from './reader.ts';
