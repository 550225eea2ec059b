import type { StoredScope } from '../table/scopes.ts';
import { partsId } from '../table/scopes.ts';
import type { ReadOptions, ReadResult } from './statement.ts';

type Read = (sql: string, values: readonly unknown[], options?: ReadOptions) => Promise<ReadResult>;

/** Joins the parts of a message. Empty without parts. */
export async function readParts(read: Read, id: number): Promise<Uint8Array> {
  const { rows } = await read('SELECT bytes FROM parts WHERE id = $1 ORDER BY part', [id], { short: true });
  return Buffer.concat(rows.map(([bytes]) => bytes as Uint8Array));
}

/** Resource and scope by their id; undefined when there are none. */
export async function readScope(read: Read, id: number): Promise<StoredScope | undefined> {
  const { rows } = await read(
    'SELECT resource, resource_schema_url, scope, scope_schema_url FROM scopes WHERE id = $1',
    [id],
    { short: true },
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  // A message that is too large for its row is empty in the row.
  const whole = async (stored: unknown, part: 'resource' | 'scope') => {
    const message = stored as Uint8Array;
    return message.byteLength > 0 ? message : readParts(read, partsId(id, part));
  };
  return {
    resource: await whole(row[0], 'resource'),
    resourceSchemaUrl: String(row[1]),
    scope: await whole(row[2], 'scope'),
    scopeSchemaUrl: String(row[3]),
  };
}
