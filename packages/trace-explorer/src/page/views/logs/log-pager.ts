import type { LogEntry, LogPage } from '../../../logs/read-logs.ts';

/** Lines of the first page: as many as the highest screen shows. 500 take four times as long with a text among a million lines. */
const FIRST_LINES = 100;
/** Lines of every other page, and how many pages are kept in memory around those in sight: of a million lines 20,000. */
const PAGE_LINES = 500;
const KEPT_PAGES = 40;
/** Lines before the end of what is known at which more are read. */
const AHEAD = 1000;

interface Page {
  /** Where it begins; undefined for the first. */
  readonly cursor: string | undefined;
  readonly lines: number;
  /** Undefined when it was dropped to save memory. */
  entries: readonly LogEntry[] | undefined;
}

/** Reads one page of lines. */
export type ReadPage = (cursor: string | undefined, limit: number) => Promise<LogPage>;

/** A long list of lines, of which pages are read as they come into sight, and read again after they were dropped. */
export class LogPager {
  readonly #read: ReadPage;
  /** Told when there is something else to draw. */
  onChange: () => void = () => {};
  readonly #pages: Page[] = [];
  readonly #reading = new Set<number>();
  #next: string | undefined;
  #hasMore = true;
  #count = 0;
  #error: Error | undefined;

  constructor(read: ReadPage) {
    this.#read = read;
  }

  /** Lines that are known of. */
  get count(): number {
    return this.#count;
  }

  /** Whether there are more, or may be. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  get error(): Error | undefined {
    return this.#error;
  }

  /** The line at a place; undefined while it is being read. */
  at(index: number): LogEntry | undefined {
    const page = pageOf(index);
    return this.#pages[page]?.entries?.[index - startOf(page)];
  }

  /** The place of a line that is in memory, -1 otherwise. */
  indexOf(id: string): number {
    for (const [page, { entries }] of this.#pages.entries()) {
      const found = entries?.findIndex((entry) => entry.id === id) ?? -1;
      if (found >= 0) return startOf(page) + found;
    }
    return -1;
  }

  /** Sees to it that these places can be shown, and some after them. */
  need(first: number, last: number): void {
    const [from, to] = [pageOf(first), pageOf(last)];
    for (let page = from; page <= Math.min(to, this.#pages.length - 1); page++) {
      if (this.#pages[page]?.entries === undefined) void this.#load(page);
    }
    if (this.#hasMore && this.#error === undefined && last + AHEAD >= this.#count)
      void this.#load(this.#pages.length);
    this.#drop((from + to) / 2);
  }

  /** Tries again what failed. */
  retry(): void {
    this.#error = undefined;
    this.onChange();
  }

  async #load(page: number): Promise<void> {
    if (this.#reading.has(page) || this.#error !== undefined) return;
    this.#reading.add(page);
    const cursor = this.#pages[page] === undefined ? this.#next : this.#pages[page].cursor;
    try {
      const { logs, next } = await this.#read(cursor, page === 0 ? FIRST_LINES : PAGE_LINES);
      const known = this.#pages[page];
      if (known !== undefined) known.entries = logs;
      else {
        this.#pages[page] = { cursor, lines: logs.length, entries: logs };
        this.#count += logs.length;
        this.#next = next;
        this.#hasMore = next !== undefined;
      }
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error));
    } finally {
      this.#reading.delete(page);
    }
    this.onChange();
  }

  /** Forgets the lines of the pages that are farthest from those in sight. */
  #drop(near: number): void {
    const kept = this.#pages.flatMap(({ entries }, page) => (entries === undefined ? [] : [page]));
    if (kept.length <= KEPT_PAGES) return;
    kept.sort((a, b) => Math.abs(b - near) - Math.abs(a - near));
    for (const page of kept.slice(0, kept.length - KEPT_PAGES)) {
      const dropped = this.#pages[page];
      if (dropped !== undefined) dropped.entries = undefined;
    }
  }
}

/** The page of a line. */
function pageOf(index: number): number {
  return index < FIRST_LINES ? 0 : 1 + Math.floor((index - FIRST_LINES) / PAGE_LINES);
}

/** The first line of a page. */
function startOf(page: number): number {
  return page === 0 ? 0 : FIRST_LINES + (page - 1) * PAGE_LINES;
}
