import type { InstrumentationParts } from '../../instrumentation.ts';
import { load } from '../../process/load.ts';

/** TRACE_CONSOLE: lines of `console` are log records of the active span. */
export function traceConsole({ loggerProvider, settings }: InstrumentationParts): (() => void) | undefined {
  if (loggerProvider === undefined || !settings.console) return undefined;
  return load<typeof import('./console-lines.ts')>('console-lines').recordConsole(loggerProvider);
}
