import type { LogEntry, LogPage } from '../../../core/logs/schemas.ts';

/** Most lines of a list. For older lines, a person narrows the list or chooses another time range. */
export const MOST_LINES = 50_000;
/** Lines of the first page: as many as the highest screen shows. A search for 500 takes four times as long. */
const FIRST_LINES = 100;
const PAGE_LINES = 500;

export interface LogLines {
  readonly lines: readonly LogEntry[];
  /** Whether there are, or may be, more lines. */
  readonly hasMore: boolean;
}

/** Lines, newest first. Their pages are read as they come into sight. */
export class LogPages implements LogLines {
  lines: readonly LogEntry[] = [];
  hasMore = true;
  error: Error | undefined;
  onChange: () => void = () => {};
  readonly #read: (cursor: string | undefined, limit: number) => Promise<LogPage>;
  #next: string | undefined;
  #busy = false;

  constructor(read: (cursor: string | undefined, limit: number) => Promise<LogPage>) {
    this.#read = read;
  }

  /** Reads the next page, unless a read is in progress or the last one failed. */
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

  retry(): void {
    this.error = undefined;
    void this.more();
    this.onChange();
  }
}
