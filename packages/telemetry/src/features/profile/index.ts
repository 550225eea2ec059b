// No types here: this file is loaded with `require`, which test runners hook into without stripping them.
export { profileOwnTime } from './own-time.ts';
