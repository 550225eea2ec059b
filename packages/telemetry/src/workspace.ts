// @tandem/telemetry/workspace: what the other packages of this repository take beside the public entries. Not in the tarball.

export { testName } from './features/tests/test-name.ts';
export { boundedText } from './common/bounded-text.ts';
export { logSafeUrl, secretsOf } from './process/secrets/secrets.ts';
