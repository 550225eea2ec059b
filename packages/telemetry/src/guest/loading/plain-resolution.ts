import { tracingChannel } from 'node:diagnostics_channel';

/** The first and the last of the frames that hooks of Node's module loader add to a stack. */
const HOOK = /node:internal\/modules\/customization_hooks:|^\s+at defaultResolve \(node:/;
/** So many frames at most. */
const MOST_ADDED = 20;
/** Node 24 has a default form of stacks. An app may have its own. */
const OF_NODE = Error.prepareStackTrace;

/** Node throws a failure on with a line of its own: thrown here, it would be printed with a line of this file. */
const failing = tracingChannel<{ error?: unknown }>('@tandem/telemetry:resolution');
let isHeard = false;

function shortenStack(message: unknown): void {
  const { error } = message as { readonly error: unknown };
  if (!(error instanceof Error) || Error.prepareStackTrace !== OF_NODE) return;
  const { stackTraceLimit } = Error;
  Reflect.set(error, 'stack', withoutHooks(String(error.stack), stackTraceLimit - MOST_ADDED));
}

/**
 * Resolves a module by the next hook, where there is one for names: on a Node that can have none for loading. A failure has the
 * stack that it has without hooks, whose frames would push out the app's; Node's line before it is one of its channels.
 */
export function resolvePlainly<T>(next: () => T): T {
  if (!isHeard) failing.error.subscribe(shortenStack);
  isHeard = true;
  const { stackTraceLimit } = Error;
  const isLonger = Reflect.set(Error, 'stackTraceLimit', stackTraceLimit + MOST_ADDED);
  try {
    return isLonger ? failing.traceSync(next, {}) : next();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** A stack without the frames from the first to the last one that hooks added, with so many frames at most. */
function withoutHooks(stack: string, most: number): string {
  const lines = stack.split('\n');
  const isHook = (line: string) => HOOK.test(line);
  const [first, last] = [lines.findIndex(isHook), lines.findLastIndex(isHook)];
  const kept = first < 0 ? lines : lines.toSpliced(first, last - first + 1);
  const head = kept.findIndex((line) => /^ {4}at /.test(line));
  return kept.slice(0, head < 0 ? undefined : head + Math.max(0, most)).join('\n');
}
