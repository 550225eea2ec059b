import { hash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Resource, Scope } from '@tandem/otlp';
import { cutText } from './cut-text.ts';
import { appenderTo } from './database.ts';
import type { PartsTable } from './parts-schema.ts';
import { MAX_INLINE_BYTES } from './parts-schema.ts';
import type { Piece } from './parts-table.ts';
import { piecesOf } from './parts-table.ts';
import type { StoredScope } from './types.ts';

/** Pairs remembered; beyond that they are forgotten and stored again, since a sender may vary them without end. */
const MAX_REMEMBERED = 10_000;
/** Messages above are remembered by their hash: 10,000 of some 100 KB each would be a gigabyte. */
const MAX_KEY_BYTES = 1_024;

/** Numbers the pairs of resource and scope, so that each is stored once and not with every span. */
export class ScopeTable {
  readonly #ids = new Map<string, number>();
  #next = 1;
  #unsaved: { id: number; scope: StoredScope }[] = [];

  async load(connection: DuckDBConnection): Promise<void> {
    const result = await connection.runAndReadAll('SELECT coalesce(max(id), 0) + 1 FROM scopes');
    this.#next = Number(result.getRows()[0]?.[0] ?? 1);
  }

  idOf({ resource, scope }: { readonly resource: Resource; readonly scope: Scope }): number {
    const resourceSchemaUrl = cutText(resource.schemaUrl);
    const scopeSchemaUrl = cutText(scope.schemaUrl);
    const key = [keyOf(resource.raw), resourceSchemaUrl, keyOf(scope.raw), scopeSchemaUrl].join('\u0001');
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    if (this.#ids.size >= MAX_REMEMBERED) this.#ids.clear();
    const id = this.#next++;
    this.#ids.set(key, id);
    this.#unsaved.push({
      id,
      scope: {
        resource: resource.raw,
        resourceSchemaUrl,
        scope: scope.raw,
        scopeSchemaUrl,
      },
    });
    return id;
  }

  /** Pairs to save with the next commit; they stay unsaved until `saved` is told of them. */
  get unsaved(): readonly { id: number; scope: StoredScope }[] {
    return this.#unsaved;
  }

  /**
   * What of these pairs is too large for its row, in pieces of at most so many bytes. An earlier try may have left some of
   * them, so whoever writes them deletes those first.
   */
  pieces(
    scopes: readonly { id: number; scope: StoredScope }[],
    maxBytes: number,
  ): { readonly table: PartsTable; readonly id: number; readonly pieces: readonly Piece[] }[] {
    return scopes.flatMap(({ id, scope: { resource, scope } }) => [
      ...(isLarge(resource)
        ? [{ table: 'resource_parts' as const, id, pieces: piecesOf(id, resource, maxBytes) }]
        : []),
      ...(isLarge(scope)
        ? [{ table: 'scope_parts' as const, id, pieces: piecesOf(id, scope, maxBytes) }]
        : []),
    ]);
  }

  /**
   * Writes the pairs, inside the caller's transaction; a message that is in pieces is empty here. With an appender: a
   * request may have a thousand pairs of its own, and as many statements would hold up everybody else.
   */
  async save(
    connection: DuckDBConnection,
    scopes: readonly { id: number; scope: StoredScope }[],
  ): Promise<void> {
    if (scopes.length === 0) return;
    const appender = await appenderTo(connection, 'scopes');
    for (const { id, scope } of scopes) {
      appender.appendInteger(id);
      appender.appendBlob(isLarge(scope.resource) ? NO_BYTES : scope.resource);
      appender.appendVarchar(scope.resourceSchemaUrl);
      appender.appendBlob(isLarge(scope.scope) ? NO_BYTES : scope.scope);
      appender.appendVarchar(scope.scopeSchemaUrl);
      appender.endRow();
    }
    appender.closeSync();
  }

  saved(scopes: readonly { id: number }[]): void {
    const ids = new Set(scopes.map(({ id }) => id));
    this.#unsaved = this.#unsaved.filter(({ id }) => !ids.has(id));
  }

  /** The transaction that they were saved in was taken back. */
  notSaved(scopes: ScopeTable['unsaved']): void {
    this.#unsaved = [...scopes, ...this.#unsaved];
  }

  /** Forgets what it remembers, after unused pairs were deleted from the table. */
  forget(): void {
    this.#ids.clear();
  }
}

const NO_BYTES = new Uint8Array();

function isLarge(message: Uint8Array): boolean {
  return message.byteLength > MAX_INLINE_BYTES;
}

/** Of large messages: each part of a request asks for the same one again. */
const hashes = new WeakMap<Uint8Array, string>();

function keyOf(bytes: Uint8Array): string {
  if (bytes.byteLength > MAX_KEY_BYTES) {
    const key = hashes.get(bytes) ?? hash('sha256', bytes);
    hashes.set(bytes, key);
    return key;
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
