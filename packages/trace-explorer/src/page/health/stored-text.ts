import { formatBytes, formatCount } from '../format.ts';
import type { Health } from './use-health.ts';

/** What is stored, and how much of the room for it that takes. */
export function storedText({ spans, logs, bytes, max_bytes }: Health['status']): string {
  const lines = logs > 0 ? ` · ${formatCount(logs)} log lines` : '';
  return `${formatCount(spans)} spans${lines} · ${formatBytes(bytes)} of ${formatBytes(max_bytes)}`;
}
