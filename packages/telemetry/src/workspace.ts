// @tandem/telemetry/workspace: what the other packages of this repository take beside the public entries. Not in the tarball.

export { boundedText } from './common/bounded-text.ts';
export { testName } from './guest/tests/test-name.ts';
export { logSafeUrl, secretsOf } from './process/secrets/secrets.ts';
export { fateOf } from './road/delivery/export-failure.ts';
