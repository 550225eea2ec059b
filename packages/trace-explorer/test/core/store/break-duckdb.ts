import { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
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
