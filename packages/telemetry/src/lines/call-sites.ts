import { constants, createContext, runInContext } from 'node:vm';

/** Frames that are looked at: a fetch has the app at 24, a pool below Prisma at 34. */
export const MOST_FRAMES = 50;

let OwnError: ErrorConstructor | undefined;

/**
 * The frames above the caller, as V8 has them, and at most so many: V8 takes most of a look's time, for each frame. They
 * come from the `Error` of a realm of its own: the app's `Error.stackTraceLimit` and `Error.prepareStackTrace` are neither
 * changed nor called, and may be frozen.
 */
export function callSites(most: number): readonly NodeJS.CallSite[] {
  OwnError ??= makeError();
  OwnError.stackTraceLimit = most;
  return new OwnError().stack as unknown as readonly NodeJS.CallSite[];
}

function makeError(): ErrorConstructor {
  const realm = createContext(constants.DONT_CONTEXTIFY); // Node reads an ordinary global object faster
  const prepareStackTrace = (_error: Error, sites: readonly NodeJS.CallSite[]) => sites;
  return Object.assign(runInContext('Error', realm), { prepareStackTrace });
}
