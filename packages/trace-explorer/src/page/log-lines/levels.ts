import type { LogEntry } from '../../core/logs/schemas.ts';
import { exceptionOf } from '../../core/traces/model/log-exception.ts';

/** The sign of a line: its level, or an exception at any level. */
export type LineKind = (typeof LINE_KINDS)[number];

/** The kinds from the least to the most important. */
export const LINE_KINDS = ['plain', 'info', 'warn', 'error', 'fatal', 'exception'] as const;

/** The kind of a line; `plain` for trace, debug, and records without a level. */
export function kindOf({ severity, attributes }: Pick<LogEntry, 'severity' | 'attributes'>): LineKind {
  if (exceptionOf(attributes) !== undefined) return 'exception';
  return LINE_KINDS.find((kind) => kind === severity) ?? 'plain';
}
