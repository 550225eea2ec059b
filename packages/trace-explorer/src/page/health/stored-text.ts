import type { Status } from '../../core/status.ts';
import { formatBytes, formatCount } from '../values/format.ts';

/** The number of stored spans and lines, and the room that they take. */
export function storedText({ spans, logs, bytes, max_bytes }: Status): string {
  const lines = logs > 0 ? ` · ${formatCount(logs)} log lines` : '';
  return `${formatCount(spans)} spans${lines} · ${formatBytes(bytes)} of ${formatBytes(max_bytes)}`;
}

/** Reasons why the store refused spans and log records. */
const REFUSED = {
  rejected: 'refused: malformed, or too large',
  busy: 'not taken yet: their senders will send them again',
  failed: 'lost: the disk refused the file',
} as const;

/** Reasons why the store dropped spans and log records later. */
const EVICTED = {
  bytes: 'dropped: the store was full',
  age: 'dropped: too old',
} as const;

/** One text for each reason of refusal. */
export function refusedTexts({ dropped, dropped_logs, refused_by_token: requests }: Status): string[] {
  return [
    ...(requests > 0 ? [`${formatCount(requests)} requests refused: sent without EXPLORER_TOKEN`] : []),
    ...textsOf(REFUSED, dropped, dropped_logs),
  ];
}

/** One text for each reason of dropping. */
export function evictedTexts({ dropped, dropped_logs }: Status): string[] {
  return textsOf(EVICTED, dropped, dropped_logs);
}

function textsOf<Reason extends string>(
  reasons: Readonly<Record<Reason, string>>,
  spans: Readonly<Record<NoInfer<Reason>, number>>,
  logs: Readonly<Record<NoInfer<Reason>, number>>,
): string[] {
  return (Object.entries(reasons) as [Reason, string][]).flatMap(([reason, why]) => [
    ...(spans[reason] > 0 ? [`${formatCount(spans[reason])} spans ${why}`] : []),
    ...(logs[reason] > 0 ? [`${formatCount(logs[reason])} log lines ${why}`] : []),
  ]);
}
