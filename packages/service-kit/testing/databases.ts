import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { DatabaseLocation } from '../src/database/database.ts';

/** A kind of database that repository tests run on. */
export interface DatabaseVariant {
  readonly name: 'sqlite' | 'postgresql';
  /** Makes an empty database for one test; `remove` it when every connection is closed. */
  create(): Promise<{ location: DatabaseLocation; remove(): Promise<void> }>;
}

/** SQLite always, PostgreSQL when `serverUrl` (a test's TEST_DATABASE_URL) names a server. */
export function databaseVariants(serverUrl: string | undefined): DatabaseVariant[] {
  const sqlite: DatabaseVariant = { name: 'sqlite', create: createFile };
  if (!serverUrl) return [sqlite];
  return [sqlite, { name: 'postgresql', create: () => createDatabase(serverUrl) }];
}

async function createFile() {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-test-'));
  return {
    location: { file: join(folder, 'data', 'test.sqlite') },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function createDatabase(serverUrl: string) {
  const name = `tandem_test_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    location: { url: url.href },
    remove: () => onServer(serverUrl, `drop database ${name} with (force)`),
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
