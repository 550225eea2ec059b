import type { Status } from '../../status.ts';
import { formatBytes, formatCount } from '../format.ts';

/** What is stored, and how much of the room for it that takes. */
export function storedText({ spans, logs, bytes, max_bytes }: Status): string {
  const lines = logs > 0 ? ` · ${formatCount(logs)} log lines` : '';
  return `${formatCount(spans)} spans${lines} · ${formatBytes(bytes)} of ${formatBytes(max_bytes)}`;
}

/** Why spans and log records were not taken: whoever sent them should know. */
const REFUSED = {
  rejected: 'refused: malformed, or too large',
  busy: 'sent back, to come again',
  failed: 'lost: the file could not be written',
} as const;

/** What was kept for a while. */
const EVICTED = {
  bytes: 'dropped: the store was full',
  age: 'dropped: too old',
} as const;

/** What was refused, one text for each reason. */
export function refusedTexts({ dropped, dropped_logs }: Status): string[] {
  return textsOf(REFUSED, dropped, dropped_logs);
}

/** What was stored and has been dropped since. */
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
