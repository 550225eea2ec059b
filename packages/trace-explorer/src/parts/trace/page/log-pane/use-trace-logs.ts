import { useMemo } from 'preact/hooks';
import type { LogEntry, LogPage } from '../../../../core/logs/schemas.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { searchOf } from '../../../../lib/text/search-of.ts';
import { getJson } from '../../../../page/api/api.ts';
import { useLive } from '../../../../page/api/use-live.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import { NO_LOGS, placeLogs } from '../state/trace-logs.ts';

/** Most lines of a trace. The explorer's first page has 1,000. */
const MAX_LINES = 20_000;
const PAGE_LINES = 1000;

/**
 * The log lines of the displayed trace with their spans. They are read again when others have arrived. `error` is the reason
 * when they could not be read.
 */
export function useTraceLogs(model: TraceModel, asSent: boolean) {
  const { traceId } = model;
  const { value, error, reload } = useLoad((signal) => readTraceLogs(traceId, signal), [traceId]);
  useLive((message) => {
    const isOther =
      message.type === 'traces' &&
      message.more === 0 &&
      !message.traces.some((trace) => trace.trace_id === traceId);
    if (!isOther) reload();
  });
  const logs = useMemo(
    () => (value === undefined ? NO_LOGS : placeLogs(model, value, { asSent })),
    [model, value, asSent],
  );
  return { logs, error: error && new Error(`No log lines: ${error.message}`), reload };
}

async function readTraceLogs(traceId: string, signal: AbortSignal) {
  const entries: LogEntry[] = [];
  let cursor: string | undefined;
  do {
    const query = searchOf({ trace_id: traceId, order: 'oldest', limit: PAGE_LINES, cursor });
    const page = await getJson<LogPage>(`/api/logs?${query}`, signal);
    for (const entry of page.logs) entries.push(entry);
    cursor = page.next;
  } while (cursor !== undefined && entries.length < MAX_LINES);
  return { entries, more: cursor !== undefined };
}
