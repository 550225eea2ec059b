/** The levels of log records, with the lowest SeverityNumber of each. */
export const LEVELS = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const;
export type Level = keyof typeof LEVELS;

/** Names of the levels, the least important first. */
export const LEVEL_NAMES = Object.keys(LEVELS) as readonly Level[];
