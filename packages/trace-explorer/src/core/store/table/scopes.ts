import { hash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { cutText } from '../../fields/truncate.ts';
import type { Batch } from '../rows/batch.ts';
import { MAX_INLINE_BYTES } from '../rows/batch.ts';
import { appendRows } from './database.ts';

/** Bytes of a part of a large message. DuckDB can move texts of 4,096 bytes and more out of its memory. */
const PART_BYTES = 4_096;

/** Pairs in memory. With more pairs, the table forgets all, and stores them again when they come again. */
const MAX_REMEMBERED = 10_000;
/** OTLP Resource and InstrumentationScope messages (protobuf) as received, with their schema URLs. */
export interface StoredScope {
  readonly resource: Uint8Array;
  readonly resourceSchemaUrl: string;
  readonly scope: Uint8Array;
  readonly scopeSchemaUrl: string;
}

type Part = readonly [id: number, message: Uint8Array];

/** Numbers the pairs of resource and scope, so that each pair is stored once. */
export class ScopeTable {
  readonly #ids = new Map<string, number>();
  #next = 1;

  async load(connection: DuckDBConnection): Promise<void> {
    const result = await connection.runAndReadAll('SELECT coalesce(max(id), 0) + 1 FROM scopes');
    this.#next = Number(result.getRows()[0]?.[0] ?? 1);
  }

  /** `_scope` of each scope of a batch. Writes the new pairs, inside the caller's transaction. @throws DuckDB's error */
  async idsOf(connection: DuckDBConnection, { scopes }: Batch): Promise<number[]> {
    const rows: (string | number | Uint8Array)[][] = [];
    const parts: Part[] = [];
    const ids = scopes.map(({ source: { resource, scope } }) => {
      const resourceSchemaUrl = cutText(resource.schemaUrl);
      const scopeSchemaUrl = cutText(scope.schemaUrl);
      const hashes = [resource, scope].map(({ raw }) => hash('sha256', raw));
      const key = [...hashes, resourceSchemaUrl, scopeSchemaUrl].join(' ');
      const known = this.#ids.get(key);
      if (known !== undefined) return known;
      if (this.#ids.size >= MAX_REMEMBERED) this.#ids.clear();
      const id = this.#next++;
      this.#ids.set(key, id);
      const inRow = (message: Uint8Array, part: 'resource' | 'scope') => {
        if (message.byteLength <= MAX_INLINE_BYTES) return message;
        parts.push([partsId(id, part), message]);
        return new Uint8Array();
      };
      const messages = [inRow(resource.raw, 'resource'), inRow(scope.raw, 'scope')] as const;
      rows.push([id, messages[0], resourceSchemaUrl, messages[1], scopeSchemaUrl]);
      return id;
    });
    if (rows.length > 0) await appendRows(connection, 'scopes', rows);
    await saveParts(connection, parts);
    return ids;
  }

  /** Forgets the numbers, after unused pairs were deleted from the table. */
  forget(): void {
    this.#ids.clear();
  }
}

/** Id of a scope's message in table `parts`. Spans have their `_seq`. */
export function partsId(scope: number, part: 'resource' | 'scope'): number {
  return -2 * scope - (part === 'resource' ? 0 : 1);
}

/** Writes messages that are too large for their rows, inside the caller's transaction. */
export async function saveParts(connection: DuckDBConnection, messages: readonly Part[]): Promise<void> {
  if (messages.length === 0) return;
  const parts = messages.flatMap(([id, message]) =>
    Array.from({ length: Math.ceil(message.byteLength / PART_BYTES) }, (_, part) => {
      const from = part * PART_BYTES;
      return [id, part, message.subarray(from, from + PART_BYTES)];
    }),
  );
  await appendRows(connection, 'parts', parts);
}

/** Deletes scopes, parts, and fields of datasets that no row has. */
export async function deleteOrphans(connection: DuckDBConnection): Promise<void> {
  await connection.run(
    'DELETE FROM dataset_fields WHERE dataset NOT IN (SELECT DISTINCT _dataset FROM spans)',
  );
  await connection.run('DELETE FROM scopes WHERE id NOT IN (SELECT DISTINCT _scope FROM spans)');
  await connection.run(
    `DELETE FROM parts WHERE id > 0 AND id NOT IN (SELECT _seq FROM spans WHERE _bytes > ${MAX_INLINE_BYTES})`,
  );
  await connection.run('DELETE FROM parts WHERE id < 0 AND (-id) // 2 NOT IN (SELECT id FROM scopes)');
}
