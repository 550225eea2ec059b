/**
 * Settings that libraries read when they are loaded or first used. Import this module before any module that reads a file or
 * opens the store. A variable of the environment stays.
 */

/** The environment before these settings. */
export const GIVEN_ENVIRONMENT: Readonly<NodeJS.ProcessEnv> = { ...process.env };

/**
 * The allocator inside DuckDB's library (jemalloc, on Linux). It returns freed memory to the system after 0.2 s instead of 10
 * s. Otherwise the process holds 100 MB of unused memory under load, and 500 MB with a wide table. At 0 s, a third of the time
 * would be page faults.
 */
process.env.DUCKDB_JE_MALLOC_CONF ??= 'dirty_decay_ms:200,muzzy_decay_ms:0';

/**
 * libuv's threads; a process has four by default. A statement of DuckDB occupies a thread from its begin to its end, and so
 * does each read or write of a file. With four long queries, every file would wait for one of them.
 */
process.env.UV_THREADPOOL_SIZE ??= '10';

/** Loopback is never asked of a proxy (NODE_USE_ENV_PROXY): `fetch` reads the variables when it is first used. */
const noProxy = [
  process.env.no_proxy || process.env.NO_PROXY,
  'localhost',
  '.localhost',
  '127.0.0.1',
  '[::1]',
];
process.env.NO_PROXY = process.env.no_proxy = noProxy.filter(Boolean).join();
