/**
 * Settings that libraries read when they are loaded, or when they are first used: import this module before any that reads a
 * file or opens the store. A setting that the environment has already is kept.
 */

/** The environment as it was given. */
export const GIVEN_ENVIRONMENT: Readonly<NodeJS.ProcessEnv> = { ...process.env };

/**
 * The allocator inside DuckDB's library (jemalloc, on Linux). It gives freed memory back to the system after 0.2 s instead of
 * 10 s: under load the process otherwise holds 100 MB, with a wide table 500 MB, that nobody uses. At 0 s a third of the
 * time would be page faults.
 */
process.env.DUCKDB_JE_MALLOC_CONF ??= 'dirty_decay_ms:200,muzzy_decay_ms:0';

/**
 * libuv's threads, of which a process has four by default. A statement of DuckDB holds one of them from its begin to its end,
 * and so does each read or write of a file: with four long queries under way, every file would wait for one of them.
 */
process.env.UV_THREADPOOL_SIZE ??= '10';
