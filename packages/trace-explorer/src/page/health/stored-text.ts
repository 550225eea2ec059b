import type { Status } from '../../core/status.ts';
import { counted, formatBytes } from '../values/format.ts';

/** The number of stored spans and lines, and the room that they take. */
export function storedText({ spans, logs, bytes, max_bytes }: Status): string {
  const lines = logs > 0 ? ` · ${counted(logs, 'log line')}` : '';
  return `${counted(spans, 'span')}${lines} · ${formatBytes(bytes)} of ${formatBytes(max_bytes)}`;
}

/** Reasons why the store refused spans and log records, and why it dropped some later. */
const REASONS = {
  rejected: 'refused: malformed, or too large',
  busy: 'not taken yet: their senders will send them again',
  failed: 'lost: the disk refused the file',
  bytes: 'dropped: the store was full',
  age: 'dropped: too old',
} as const;

/** One text for each reason of refusal. */
export function refusedTexts(status: Status): string[] {
  const requests = status.refused_by_token;
  return [
    ...(requests > 0 ? [`${counted(requests, 'request')} refused: sent without EXPLORER_TOKEN`] : []),
    ...textsOf(status, ['rejected', 'busy', 'failed']),
  ];
}

/** One text for each reason of dropping. */
export function evictedTexts(status: Status): string[] {
  return textsOf(status, ['bytes', 'age']);
}

function textsOf({ dropped, dropped_logs }: Status, reasons: readonly (keyof typeof REASONS)[]): string[] {
  return reasons.flatMap((reason) => [
    ...(dropped[reason] > 0 ? [`${counted(dropped[reason], 'span')} ${REASONS[reason]}`] : []),
    ...(dropped_logs[reason] > 0 ? [`${counted(dropped_logs[reason], 'log line')} ${REASONS[reason]}`] : []),
  ]);
}
