import { runInNewContext } from 'node:vm';

/** Frames that are looked at: a fetch has the app at 24, a pool below Prisma at 34. */
const FRAMES = 50;

let OwnError: ErrorConstructor | undefined;

/**
 * The frames above the caller, as V8 has them. They come from the `Error` of a realm of its own: the app's
 * `Error.stackTraceLimit` and `Error.prepareStackTrace` are neither changed nor called, and may be frozen.
 */
export function callSites(): readonly NodeJS.CallSite[] {
  OwnError ??= makeError();
  return new OwnError().stack as unknown as readonly NodeJS.CallSite[];
}

function makeError(): ErrorConstructor {
  const prepareStackTrace = (_error: Error, sites: readonly NodeJS.CallSite[]) => sites;
  return Object.assign(runInNewContext('Error'), { stackTraceLimit: FRAMES, prepareStackTrace });
}
