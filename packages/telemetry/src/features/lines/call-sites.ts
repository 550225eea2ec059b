import { constants, createContext, runInContext } from 'node:vm';

/** Frames that are looked at: a fetch has the app at 24, a pool below Prisma at 34. */
export const MOST_FRAMES = 50;

let known: ErrorConstructor | undefined;

/**
 * The `Error` of a realm of its own, whose `stack` has the frames as V8 has them: the app's `Error.stackTraceLimit` and
 * `Error.prepareStackTrace` are neither changed nor called, and may be frozen.
 */
export function ownError(): ErrorConstructor {
  known ??= Object.assign(runInContext('Error', createContext(constants.DONT_CONTEXTIFY)), {
    prepareStackTrace: (_error: Error, sites: readonly NodeJS.CallSite[]) => sites,
  });
  return known as ErrorConstructor;
}
