// The exports of @tandem/telemetry/lean. No types here: this file is loaded with `require`, which test runners hook into without stripping them.
export { leanEngine } from './engine.ts';
