import { hash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Resource, Scope } from '@tandem/otlp';
import { cutText } from '../../fields/truncate.ts';
import { MAX_INLINE_BYTES } from '../rows/row-buffer.ts';
import { appendRows } from './database.ts';
import { partsId, saveParts } from './large-messages.ts';

/** Pairs that are remembered. When there are more, all are forgotten, and stored again when they come again. */
const MAX_REMEMBERED = 10_000;
/** OTLP Resource and InstrumentationScope messages (protobuf) as received, with their schema URLs. */
export interface StoredScope {
  readonly resource: Uint8Array;
  readonly resourceSchemaUrl: string;
  readonly scope: Uint8Array;
  readonly scopeSchemaUrl: string;
}

interface NumberedScope {
  readonly id: number;
  readonly scope: StoredScope;
}

/** Numbers the pairs of resource and scope, so that each pair is stored once. */
export class ScopeTable {
  readonly #ids = new Map<string, number>();
  #next = 1;
  #unsaved: NumberedScope[] = [];

  async load(connection: DuckDBConnection): Promise<void> {
    const result = await connection.runAndReadAll('SELECT coalesce(max(id), 0) + 1 FROM scopes');
    this.#next = Number(result.getRows()[0]?.[0] ?? 1);
  }

  idOf({ resource, scope }: { readonly resource: Resource; readonly scope: Scope }): number {
    const resourceSchemaUrl = cutText(resource.schemaUrl);
    const scopeSchemaUrl = cutText(scope.schemaUrl);
    const hashes = [resource, scope].map(({ raw }) => hash('sha256', raw));
    const key = [...hashes, resourceSchemaUrl, scopeSchemaUrl].join(' ');
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    if (this.#ids.size >= MAX_REMEMBERED) this.#ids.clear();
    const id = this.#next++;
    this.#ids.set(key, id);
    const stored = { resource: resource.raw, resourceSchemaUrl, scope: scope.raw, scopeSchemaUrl };
    this.#unsaved.push({ id, scope: stored });
    return id;
  }

  get hasUnsaved(): boolean {
    return this.#unsaved.length > 0;
  }

  /** Writes the new pairs, inside the caller's transaction. */
  async save(connection: DuckDBConnection): Promise<void> {
    const unsaved = this.#unsaved.splice(0);
    const large: (readonly [id: number, message: Uint8Array])[] = [];
    if (unsaved.length === 0) return;
    await appendRows(connection, 'scopes', (appender) => {
      for (const { id, scope } of unsaved) {
        const inRow = (message: Uint8Array, part: 'resource' | 'scope') => {
          if (message.byteLength <= MAX_INLINE_BYTES) return message;
          large.push([partsId(id, part), message]);
          return new Uint8Array();
        };
        appender.appendInteger(id);
        appender.appendBlob(inRow(scope.resource, 'resource'));
        appender.appendVarchar(scope.resourceSchemaUrl);
        appender.appendBlob(inRow(scope.scope, 'scope'));
        appender.appendVarchar(scope.scopeSchemaUrl);
        appender.endRow();
      }
    });
    await saveParts(connection, large);
  }

  /** Forgets the numbers, after unused pairs were deleted from the table. */
  forget(): void {
    this.#ids.clear();
  }
}
