import type { LogEntry, LogPage } from '../../../logs/read-logs.ts';

/** Lines of a list at most. A person who looks for older lines narrows the list, or takes another time. */
export const MOST_LINES = 50_000;
/** Lines of the first page: as many as the highest screen shows. 500 take four times as long with a text among a million lines. */
const FIRST_LINES = 100;
const PAGE_LINES = 500;

/** Lines as they are drawn. */
export interface LogLines {
  readonly lines: readonly LogEntry[];
  /** Whether there are more, or may be. */
  readonly hasMore: boolean;
}

/** Lines, the newest first, that are read page by page as they come into sight. */
export class LogPages implements LogLines {
  lines: readonly LogEntry[] = [];
  hasMore = true;
  error: Error | undefined;
  /** Told when there is something else to draw. */
  onChange: () => void = () => {};
  readonly #read: (cursor: string | undefined, limit: number) => Promise<LogPage>;
  #next: string | undefined;
  #busy = false;

  constructor(read: (cursor: string | undefined, limit: number) => Promise<LogPage>) {
    this.#read = read;
  }

  /** Reads the next page, unless one is being read or the last reading failed. */
  async more(): Promise<void> {
    if (this.#busy || !this.hasMore || this.error !== undefined) return;
    this.#busy = true;
    try {
      const { logs, next } = await this.#read(this.#next, this.lines.length === 0 ? FIRST_LINES : PAGE_LINES);
      this.lines = [...this.lines, ...logs];
      this.#next = next;
      this.hasMore = next !== undefined && this.lines.length < MOST_LINES;
    } catch (error) {
      this.error = error instanceof Error ? error : new Error(String(error));
    } finally {
      this.#busy = false;
    }
    this.onChange();
  }

  /** Reads the page that failed again. */
  retry(): void {
    this.error = undefined;
    void this.more();
    this.onChange();
  }
}
