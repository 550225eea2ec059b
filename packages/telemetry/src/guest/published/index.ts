// No types here: this file is loaded with `require`, which test runners hook into without stripping them.
export { driverSpans } from './driver-spans.ts';
