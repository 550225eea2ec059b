import { DuckDBAppender, DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import type { Test } from 'tap';

/** Rows of this dataset cannot be appended, as if DuckDB refused them. */
export function refuseDataset(t: Test, dataset: string): { readonly tries: () => number } {
  const { appendDataChunk } = DuckDBAppender.prototype;
  let tries = 0;
  t.teardown(() => Reflect.set(DuckDBAppender.prototype, 'appendDataChunk', appendDataChunk));
  DuckDBAppender.prototype.appendDataChunk = function (this: DuckDBAppender, chunk) {
    if (chunk.getColumnValues(3).includes(dataset)) {
      tries++;
      throw new Error('Invalid Input Error: refused by the test');
    }
    appendDataChunk.call(this, chunk);
  };
  return { tries: () => tries };
}

/** Does something in place of the next statement that begins with these words. Returns whether it has been. */
export function insteadOfNext(t: Test, words: string, task: () => Promise<unknown>): () => boolean {
  const { run } = DuckDBConnection.prototype;
  let isDone = false;
  const restore = () => Reflect.set(DuckDBConnection.prototype, 'run', run);
  t.teardown(restore);
  DuckDBConnection.prototype.run = async function (this: DuckDBConnection, ...given: Parameters<typeof run>) {
    if (!given[0].startsWith(words)) return run.apply(this, given);
    restore();
    isDone = true;
    await task();
    return run.apply(this, given);
  };
  return () => isDone;
}

/** Chunks of 2,048 rows; no test has more. */
const MOST_CHUNKS = 100_000;

/**
 * Ends the rows of some statements before the first one, as DuckDB's driver does after an error that it does not tell.
 * @param isCut asked with the number of each statement whose rows are streamed, from 0 on
 * @returns `cut`: how many were
 */
export function cutStatements(t: Test, isCut: (statement: number) => boolean) {
  const { fetchChunk } = DuckDBResult.prototype;
  const restore = () => Reflect.set(DuckDBResult.prototype, 'fetchChunk', fetchChunk);
  t.teardown(restore);
  const known = new Map<DuckDBResult, boolean>();
  DuckDBResult.prototype.fetchChunk = async function (this: DuckDBResult) {
    if (this.isStreaming && !known.has(this)) known.set(this, isCut(known.size));
    let chunk = await fetchChunk.call(this);
    if (!known.get(this)) return chunk;
    // The statement ends, and lets its transaction go.
    for (let read = 0; read < MOST_CHUNKS && chunk !== null && chunk.rowCount > 0; read++)
      chunk = await fetchChunk.call(this);
    Object.defineProperty(this, 'isStreaming', { value: false });
    return null;
  };
  return { restore, cut: () => [...known.values()].filter(Boolean).length };
}

/**
 * Counts the statements whose rows ended early: after some rows DuckDB met an error, and its driver answered no further chunk
 * instead. Returns how many have since the last call.
 */
export function countEndedEarly(t: Test): () => number {
  const { fetchChunk } = DuckDBResult.prototype;
  t.teardown(() => Reflect.set(DuckDBResult.prototype, 'fetchChunk', fetchChunk));
  let count = 0;
  DuckDBResult.prototype.fetchChunk = async function (this: DuckDBResult) {
    const { isStreaming } = this;
    const chunk = await fetchChunk.call(this);
    if (isStreaming && !this.isStreaming && (chunk === null || chunk.rowCount === 0)) count++;
    return chunk;
  };
  return () => {
    const counted = count;
    count = 0;
    return counted;
  };
}
