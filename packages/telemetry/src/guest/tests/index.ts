// No types here: this file is loaded with `require`, which test runners hook into without stripping them.
export { testsOf } from './tests-of.ts';
