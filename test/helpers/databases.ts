import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { IS_NIGHT } from './nightly.ts';

/** A database that a whole-system test runs against; `url` undefined means SQLite. */
export interface TestDatabase {
  readonly name: 'sqlite' | 'postgresql';
  readonly url: string | undefined;
  drop(): Promise<void>;
}

/** An empty PostgreSQL database of its own when TEST_DATABASE_URL is set, else SQLite; at night both. */
export async function testDatabases(): Promise<TestDatabase[]> {
  const sqlite: TestDatabase = { name: 'sqlite', url: undefined, drop: async () => {} };
  const server = process.env.TEST_DATABASE_URL;
  if (server === undefined || server === '') return [sqlite];
  const name = `tandem_${randomUUID().replaceAll('-', '')}`;
  await run(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const postgresql: TestDatabase = {
    name: 'postgresql',
    url: url.href,
    drop: () => run(server, `drop database ${name} with (force)`),
  };
  return IS_NIGHT ? [sqlite, postgresql] : [postgresql];
}

async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
