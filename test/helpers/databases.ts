import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

/** A database that a whole-system test runs against; `url` undefined means SQLite. */
export interface TestDatabase {
  readonly name: 'sqlite' | 'postgresql';
  readonly url: string | undefined;
  drop(): Promise<void>;
}

/** SQLite always; an empty PostgreSQL database of its own as well when TEST_DATABASE_URL is set. */
export async function testDatabases(): Promise<TestDatabase[]> {
  const sqlite: TestDatabase = { name: 'sqlite', url: undefined, drop: async () => {} };
  const server = process.env.TEST_DATABASE_URL;
  if (server === undefined || server === '') return [sqlite];
  const name = `tandem_${randomUUID().replaceAll('-', '')}`;
  await run(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return [
    sqlite,
    { name: 'postgresql', url: url.href, drop: () => run(server, `drop database ${name} with (force)`) },
  ];
}

async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
