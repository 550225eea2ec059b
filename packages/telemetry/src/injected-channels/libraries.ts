import type { Listeners } from './call.ts';
import { POSTGRES, postgresListeners } from './postgres.ts';

/** A function of a file, and its channel. */
export interface Injected {
  /** As `functionQuery` of @apm-js-collab/code-transformer. */
  readonly query: {
    readonly methodName?: string;
    readonly functionName?: string;
    readonly kind: 'Sync' | 'Async';
  };
  readonly channel: string;
}

/** A library that publishes nothing. Its row goes on the day it publishes. */
export interface Library {
  /** The versions that this row has been tried with. */
  readonly versions: string;
  /** Files below the library's folder, and their functions. */
  readonly files: Readonly<Record<string, readonly Injected[]>>;
  /** Make the spans. */
  readonly listeners: Listeners;
}

/** The table: library, versions, file, function and channel, and beside them the subscriber. */
export const TABLE: Readonly<Record<string, Library>> = {
  postgres: {
    versions: '>=3.3.0 <4.0.0',
    files: inEach(['src/', 'cjs/src/'], {
      'query.js': [
        { query: { methodName: 'constructor', kind: 'Sync' }, channel: POSTGRES.query },
        { query: { methodName: 'handle', kind: 'Async' }, channel: POSTGRES.handle },
      ],
      'connection.js': [
        { query: { functionName: 'Connection', kind: 'Sync' }, channel: POSTGRES.connection },
        { query: { functionName: 'execute', kind: 'Sync' }, channel: POSTGRES.execute },
        { query: { methodName: 'connect', kind: 'Sync' }, channel: POSTGRES.connect },
      ],
    }),
    listeners: postgresListeners,
  },
};

/** The same files in the folder of each kind of modules. */
function inEach(folders: readonly string[], files: Library['files']): Library['files'] {
  return Object.fromEntries(
    folders.flatMap((folder) =>
      Object.entries(files).map(([file, functions]) => [folder + file, functions] as const),
    ),
  );
}
