import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDBBlobValue } from '@duckdb/node-api';
import type { ScopeSpans } from '../otlp/types.ts';
import type { StoredScope } from './types.ts';

/** Pairs remembered; beyond that they are forgotten and stored again, since a sender may vary them without end. */
const MAX_REMEMBERED = 10_000;

/** Numbers the pairs of resource and scope, so that each is stored once and not with every span. */
export class ScopeTable {
  readonly #ids = new Map<string, number>();
  #next = 1;
  #unsaved: { id: number; scope: StoredScope }[] = [];

  async load(connection: DuckDBConnection): Promise<void> {
    const result = await connection.runAndReadAll('SELECT coalesce(max(id), 0) + 1 FROM scopes');
    this.#next = Number(result.getRows()[0]?.[0] ?? 1);
  }

  idOf({ resource, scope }: ScopeSpans): number {
    const key = [latin1(resource.raw), resource.schemaUrl, latin1(scope.raw), scope.schemaUrl].join('\u0001');
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    if (this.#ids.size >= MAX_REMEMBERED) this.#ids.clear();
    const id = this.#next++;
    this.#ids.set(key, id);
    this.#unsaved.push({
      id,
      scope: {
        resource: resource.raw,
        resourceSchemaUrl: resource.schemaUrl,
        scope: scope.raw,
        scopeSchemaUrl: scope.schemaUrl,
      },
    });
    return id;
  }

  /** Pairs to save with the next commit; they stay unsaved until `saved` is told of them. */
  get unsaved(): readonly { id: number; scope: StoredScope }[] {
    return this.#unsaved;
  }

  async save(
    connection: DuckDBConnection,
    scopes: readonly { id: number; scope: StoredScope }[],
  ): Promise<void> {
    for (const { id, scope } of scopes) {
      await connection.run('INSERT INTO scopes VALUES ($1, $2, $3, $4, $5)', [
        id,
        new DuckDBBlobValue(scope.resource),
        scope.resourceSchemaUrl,
        new DuckDBBlobValue(scope.scope),
        scope.scopeSchemaUrl,
      ]);
    }
  }

  saved(scopes: readonly { id: number }[]): void {
    const ids = new Set(scopes.map(({ id }) => id));
    this.#unsaved = this.#unsaved.filter(({ id }) => !ids.has(id));
  }

  /** Forgets what it remembers, after unused pairs were deleted from the table. */
  forget(): void {
    this.#ids.clear();
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
