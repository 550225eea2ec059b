import type { StoredScope } from '../table/scopes.ts';
import { partsId } from '../table/scopes.ts';
import { bytes, namedColumns, number, text } from './named-columns.ts';
import type { ReadOptions, ReadResult } from './statement.ts';

type Read = (sql: string, values: readonly unknown[], options?: ReadOptions) => Promise<ReadResult>;

/** Joins the parts of a message. Empty without parts. */
export async function readParts(read: Read, id: number): Promise<Uint8Array> {
  const { rows } = await read('SELECT bytes FROM parts WHERE id = $1 ORDER BY part', [id], { short: true });
  return Buffer.concat(rows.map(([bytes]) => bytes as Uint8Array));
}

/** Resources and scopes by their ids, which one statement reads. Unknown ids are left out. */
export async function readScopes(read: Read, ids: readonly number[]): Promise<Map<number, StoredScope>> {
  if (ids.length === 0) return new Map();
  const { rows } = await read(
    `SELECT ${SCOPE.sql} FROM scopes WHERE id IN (SELECT unnest([${ids.join()}]::INTEGER[]))`,
    [],
    { short: true },
  );
  // A message that is too large for its row is empty in the row.
  const whole = async (id: number, part: 'resource' | 'scope', message: Uint8Array) =>
    message.byteLength > 0 ? message : readParts(read, partsId(id, part));
  const found = new Map<number, StoredScope>();
  for (const { id, resource, scope, ...urls } of rows.map(SCOPE.rowOf))
    found.set(id, {
      ...urls,
      resource: await whole(id, 'resource', resource),
      scope: await whole(id, 'scope', scope),
    });
  return found;
}

const SCOPE = namedColumns({
  id: number('id'),
  resource: bytes('resource'),
  resourceSchemaUrl: text('resource_schema_url'),
  scope: bytes('scope'),
  scopeSchemaUrl: text('scope_schema_url'),
});
