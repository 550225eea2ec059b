import { formatBytes, formatCount } from '../format.ts';
import type { Health } from './use-health.ts';

/** What is stored, and how much of the room for it that takes. */
export function storedText(status: Health['status']): string {
  const { spans, lines, room } = storedParts(status);
  return spans + lines + room;
}

/** The same in parts, of which the second may be left out. */
export function storedParts({ spans, logs, bytes, max_bytes }: Health['status']) {
  return {
    spans: `${formatCount(spans)} spans`,
    lines: logs > 0 ? ` · ${formatCount(logs)} log lines` : '',
    room: ` · ${formatBytes(bytes)} of ${formatBytes(max_bytes)}`,
  };
}
