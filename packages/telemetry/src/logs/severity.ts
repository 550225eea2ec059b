/** Severity numbers of a level from 10 on, in steps of ten: TRACE, DEBUG, INFO, WARN, ERROR, FATAL. */
const STEPS_PER_LEVEL = 4;
const HIGHEST = 24;

/**
 * SeverityNumber (Logs Data Model) of one of pino's levels: 30 (info) is 9, INFO; a level between two of pino's own lies
 * between their numbers, and 35 is 11, INFO3.
 */
export function severityOfLevel(level: number): number {
  const number = 1 + Math.floor(((level - 10) / 10) * STEPS_PER_LEVEL);
  return Math.min(HIGHEST, Math.max(1, number));
}
