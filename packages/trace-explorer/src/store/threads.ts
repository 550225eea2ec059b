/**
 * libuv's threads, of which a process has four by default, and which it starts when the first of them is needed: import
 * this module before any that reads a file or opens the store. A statement of DuckDB holds one of them from its begin to
 * its end, and so does each read or write of a file: with four long queries under way, both waited until one of them had
 * ended. A setting that the environment has already is kept.
 */
process.env.UV_THREADPOOL_SIZE ??= '10';
