/**
 * The files of libraries that get channels, CommonJS and ES modules, by package and path: what Node loads is looked for in these
 * lists, and the table of `libraries.ts` is loaded with the first of them.
 */
export const LISTED_FILES = {
  commonjs: [
    '@electric-sql/pglite/dist/index.cjs',
    'better-sqlite3/lib/methods/transaction.js',
    'better-sqlite3/lib/methods/wrappers.js',
    'bullmq/dist/cjs/classes/flow-producer.js',
    'bullmq/dist/cjs/classes/queue.js',
    'bullmq/dist/cjs/classes/worker.js',
    'kafkajs/src/consumer/runner.js',
    'kafkajs/src/index.js',
    'kafkajs/src/producer/messageProducer.js',
    'libsql/index.js',
    'mariadb/dist/promise.cjs',
    'postgres/cjs/src/connection.js',
    'postgres/cjs/src/query.js',
    'undici/lib/dispatcher/dispatcher-base.js',
    'undici/lib/handler/unwrap-handler.js',
  ],
  modules: [
    '@electric-sql/pglite/dist/index.js',
    'mariadb/promise.js',
    'postgres/src/connection.js',
    'postgres/src/query.js',
  ],
} as const;

/** The channel on which the last line of a file of ES modules says what the file exports. */
export const MODULE_LOADED = '@tandem/telemetry:module-loaded';
