/** The levels of log records, with the lowest SeverityNumber of each. */
export const LEVELS = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const;
export type Level = keyof typeof LEVELS;

/** Names of the levels, the least important first. */
export const LEVEL_NAMES = Object.keys(LEVELS) as readonly Level[];

/** Words for the level in records without a SeverityNumber, in lower case (OpenTelemetry's Logs Data Model, appendix B). */
export const LEVEL_WORDS: Readonly<Record<Level, readonly string[]>> = {
  trace: ['trace', 'finest'],
  debug: ['debug', 'verbose', 'config', 'fine', 'finer'],
  info: ['info', 'information', 'informational', 'notice'],
  warn: ['warn', 'warning'],
  error: ['error', 'err', 'severe'],
  fatal: ['fatal', 'critical', 'crit', 'alert', 'panic', 'emergency', 'emerg'],
};

/** The written level; `–` for a record without one. */
export function levelWord(severity: string): string {
  return severity === 'unspecified' ? '–' : severity.toUpperCase();
}
