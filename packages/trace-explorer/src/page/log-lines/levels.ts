import type { LogEntry } from '../../core/logs/schemas.ts';
import { exceptionOf } from '../../core/shared/log-exception.ts';

/** The sign of a line: its level, or an exception at any level. */
export type LineKind = 'plain' | 'info' | 'warn' | 'error' | 'fatal' | 'exception';

/** The kinds from the least to the most important. */
export const LINE_KINDS: readonly LineKind[] = ['plain', 'info', 'warn', 'error', 'fatal', 'exception'];

/** The kind of a severity's word; `plain` for trace, debug, and records without one. */
function kindOfSeverity(severity: string): LineKind {
  return LINE_KINDS.find((kind) => kind === severity) ?? 'plain';
}

export function kindOf({ severity, attributes }: Pick<LogEntry, 'severity' | 'attributes'>): LineKind {
  return exceptionOf(attributes) === undefined ? kindOfSeverity(severity) : 'exception';
}
