import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { LogEntry, LogPage } from '../../../logs/read-logs.ts';
import { getJson } from '../../api.ts';
import { entryNow } from '../../shell/router.ts';
import { LogPager } from './log-pager.ts';

/** Lines by their places, as a list draws them. */
export interface LogSource {
  readonly count: number;
  /** Whether more are to come, or may be. */
  readonly hasMore: boolean;
  readonly error: Error | undefined;
  /** Undefined while it is being read. */
  at(index: number): LogEntry | undefined;
  indexOf(id: string): number;
  /** Called with the places in sight. */
  need(first: number, last: number): void;
  retry(): void;
}

/** The list that was left last: who comes back to its entry of the history finds the same lines. */
let left: { readonly entry: string; readonly asked: string; readonly pager: LogPager } | undefined;

/**
 * What there is, page by page, the newest first.
 * @param asked what the list is narrowed by
 * @param query the same as the explorer takes it
 */
export function useLogPages(asked: string, query: string, turn: number): LogSource | undefined {
  const [, draw] = useState(0);
  const [pager, setPager] = useState<LogPager>();
  useLayoutEffect(() => {
    const entry = entryNow();
    const isKnown = turn === 0 && left?.entry === entry && left.asked === asked;
    const made =
      isKnown && left !== undefined
        ? left.pager
        : new LogPager((cursor, limit) => readPage(query, cursor, limit));
    made.onChange = () => draw((before) => before + 1);
    made.need(0, 0);
    setPager(made);
    return () => {
      made.onChange = () => {};
      left = { entry, asked, pager: made };
    };
  }, [query, turn]);
  return pager;
}

function readPage(query: string, cursor: string | undefined, limit: number): Promise<LogPage> {
  const page = new URLSearchParams(query);
  page.set('limit', String(limit));
  if (cursor !== undefined) page.set('cursor', cursor);
  return getJson<LogPage>(`/api/logs?${page}`);
}

/** Lines that a tail shows at first, and keeps at most. */
const TAIL_FIRST = 200;
const TAIL_KEPT = 20_000;
/** Most lines that it takes in while somebody reads further up. */
const TAIL_MOST = 100_000;

/** Milliseconds after which a connection that was refused is tried again. */
const RETRY_MS = 2000;

interface Tail {
  readonly lines: readonly LogEntry[];
  /** Lines that came too fast to be shown. */
  readonly skipped: number;
  readonly connected: boolean;
  readonly error: Error | undefined;
}

const EMPTY: Tail = { lines: [], skipped: 0, connected: false, error: undefined };

/** What comes, the oldest first: a tail of it. With `held` it grows, and nothing is dropped from its beginning. */
export function useLogTail(query: string, held: boolean): Tail {
  const [tail, setTail] = useState(EMPTY);
  useEffect(() => {
    const gone = new AbortController();
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout>;
    const readNewest = (limit: number) => {
      const asked = new URLSearchParams(query);
      asked.set('limit', String(limit));
      return getJson<LogPage>(`/api/logs?${asked}`, gone.signal);
    };
    const fail = (error: Error) => {
      if (!gone.signal.aborted) setTail((before) => ({ ...before, error }));
    };
    const connect = () => {
      let first = true;
      let listed: ReadonlySet<string> = new Set();
      setTail(EMPTY);
      source = new EventSource(`/api/logs/tail?${query}`);
      source.addEventListener('hello', () => {
        setTail((before) => ({ ...before, connected: true }));
        if (!first) return;
        first = false;
        // From here on nothing is missed: what was before is read now, and what is in both is shown once.
        readNewest(TAIL_FIRST).then(({ logs }) => {
          listed = new Set(logs.map(({ id }) => id));
          setTail((before) => {
            const known = new Set(before.lines.map(({ id }) => id));
            const older = logs.toReversed().filter(({ id }) => !known.has(id));
            return { ...before, lines: [...older, ...before.lines] };
          });
        }, fail);
      });
      source.addEventListener('logs', (event) => {
        const { logs, more } = JSON.parse(event.data) as { logs: LogEntry[]; more: number };
        const fresh = logs.filter(({ id }) => !listed.has(id));
        setTail((before) => ({
          ...before,
          lines: [...before.lines, ...fresh].slice(-TAIL_MOST),
          skipped: before.skipped + more,
        }));
      });
      source.addEventListener('error', () => {
        setTail((before) => ({ ...before, connected: false }));
        if (source.readyState !== EventSource.CLOSED) return;
        // Refused: a browser gives up for good then, and does not tell why. The list may be refused for the same reason.
        readNewest(1).then(() => fail(new Error('The explorer refused to send what comes.')), fail);
        timer = setTimeout(connect, RETRY_MS);
      });
    };
    connect();
    return () => {
      gone.abort();
      clearTimeout(timer);
      source.close();
    };
  }, [query]);
  const { lines } = tail;
  useEffect(() => {
    if (!held && lines.length > TAIL_KEPT)
      setTail((before) => ({ ...before, lines: before.lines.slice(-TAIL_KEPT / 2) }));
  }, [held, lines.length > TAIL_KEPT]);
  return tail;
}
