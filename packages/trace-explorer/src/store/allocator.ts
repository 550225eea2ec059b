/**
 * Settings of the allocator inside DuckDB's library (jemalloc, on Linux), which reads them when the library is loaded:
 * import this module before any that imports DuckDB. Freed memory is given back to the system after 0.2 s instead of 10:
 * under load the process otherwise holds some 100 MB, with a wide table 500 MB, that nobody uses. At 0 s a third of
 * the time would be page faults. For 0.3 s more the process may have the same pages again without a page fault, unless
 * the system needed them (MADV_FREE): so one transaction is written where the one before it was, 0.40 instead of 0.51
 * page faults per span and 13.0 instead of 13.6 µs of processor time. A setting that the environment has already is kept.
 */
process.env.DUCKDB_JE_MALLOC_CONF ??= 'dirty_decay_ms:200,muzzy_decay_ms:300';
