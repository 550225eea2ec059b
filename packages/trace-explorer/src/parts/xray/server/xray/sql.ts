import type { AttributeReader } from './attribute-reader.ts';
import type { Draft } from './present.ts';

/** Databases of the semantic conventions that use SQL. X-Ray's block is only for them. */
const sqlSystems =
  /sql|mariadb|cockroachdb|oracle|db2|hana|derby|firebird|h2|redshift|clickhouse|snowflake|trino|teradata|informix|sybase/;

/** The `sql` block of a database call. The query's text counts as sanitized, because db.query.text has no values. */
export function sqlBlock(attributes: AttributeReader): Draft | undefined {
  const system = attributes.peek('db.system.name') ?? attributes.peek('db.system');
  if (typeof system !== 'string' || !sqlSystems.test(system) || system.includes('nosql')) return undefined;
  attributes.take('db.system.name', 'db.system');
  const host = attributes.peek('server.address') ?? attributes.peek('net.peer.name');
  const port = attributes.peek('server.port') ?? attributes.peek('net.peer.port');
  const database = attributes.takeString('db.namespace', 'db.name');
  const address = typeof host === 'string' ? `${host}${port ? `:${port}` : ''}` : undefined;
  const url = [address, database].filter((part) => part !== undefined).join('/');
  return {
    database_type: system,
    url: url || undefined,
    sanitized_query: attributes.takeString('db.query.text', 'db.statement'),
    user: attributes.takeString('db.user'),
  };
}
