import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { LogEntry, LogPage } from '../../../core/logs/schemas.ts';
import { getJson } from '../../../page/api/api.ts';
import { listenTo } from '../../../page/browser/event-stream.ts';
import { isReturning } from '../../../page/browser/router.ts';
import { LogPages, MOST_LINES } from './log-pages.ts';

/** The list of the last view. After a step back in the history the same lines stand there. */
let left: { readonly asked: string; readonly pages: LogPages } | undefined;

/**
 * Stored lines page by page, newest first. The last list stays until the first page of the next list is read.
 * @param asked the filters of the list
 * @param query the filters as the explorer takes them
 */
export function useLogPages(asked: string, query: string, turn: number) {
  const [shown, setShown] = useState<{ readonly pages: LogPages; readonly key: string }>();
  const key = `${query} ${turn}`;
  useLayoutEffect(() => {
    const known = turn === 0 && isReturning() && left?.asked === asked ? left.pages : undefined;
    const pages = known ?? new LogPages((cursor, limit) => readPage(query, cursor, limit));
    pages.onChange = () => setShown({ pages, key });
    if (known === undefined) void pages.more();
    else pages.onChange();
    return () => {
      pages.onChange = () => {};
      left = { asked, pages };
    };
  }, [key]);
  return { pages: shown?.pages, isReading: shown?.key !== key };
}

function readPage(query: string, cursor: string | undefined, limit: number, signal?: AbortSignal) {
  const page = new URLSearchParams(query);
  page.set('limit', String(limit));
  if (cursor !== undefined) page.set('cursor', cursor);
  return getJson<LogPage>(`/api/logs?${page}`, signal);
}

/** Lines at the start of a tail. */
const TAIL_FIRST = 200;

const EMPTY = {
  lines: [] as readonly LogEntry[],
  /** The number of lines that arrived too fast to be shown. */
  skipped: 0,
  connected: false,
  error: undefined as Error | undefined,
};

/** Arriving lines, oldest first. */
export function useLogTail(query: string) {
  const [tail, setTail] = useState(EMPTY);
  useEffect(() => {
    const gone = new AbortController();
    let listed: ReadonlySet<string> | undefined;
    const readNewest = (limit: number) => readPage(query, undefined, limit, gone.signal);
    const fail = (error: Error) => {
      if (!gone.signal.aborted) setTail((before) => ({ ...before, error }));
    };
    const connect = () => {
      listed = undefined;
      setTail(EMPTY);
      return `/api/logs/tail?${query}`;
    };
    const handlers = {
      hello() {
        setTail((before) => ({ ...before, connected: true }));
        if (listed !== undefined) return;
        listed = new Set();
        // From here on, the stream misses no line. Earlier lines are read now. A line in both appears once.
        readNewest(TAIL_FIRST).then(({ logs }) => {
          listed = new Set(logs.map(({ id }) => id));
          setTail((before) => {
            const known = new Set(before.lines.map(({ id }) => id));
            const older = logs.toReversed().filter(({ id }) => !known.has(id));
            return { ...before, lines: [...older, ...before.lines] };
          });
        }, fail);
      },
      logs({ logs, more }: { logs: readonly LogEntry[]; more: number }) {
        const fresh = logs.filter(({ id }) => !listed?.has(id));
        setTail((before) => ({
          ...before,
          lines: [...before.lines, ...fresh].slice(-MOST_LINES),
          skipped: before.skipped + more,
        }));
      },
    };
    const close = listenTo(connect, handlers, (isRefused) => {
      setTail((before) => ({ ...before, connected: false }));
      // The browser does not report the reason. Reading the list may be refused for the same reason.
      if (isRefused)
        readNewest(1).then(() => fail(new Error('The explorer refused to send new lines.')), fail);
    });
    return () => {
      gone.abort();
      close();
    };
  }, [query]);
  return tail;
}
