import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseLocation } from '@tandem/service-kit';
import { databaseVariants, startPostgresCluster } from '@tandem/service-kit/testing';

/** An empty database of each service's own, which goes with `remove`. */
export interface EmptyDatabases {
  readonly activities: DatabaseLocation;
  readonly users: DatabaseLocation;
  /** Variables with which the services find them. */
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** A kind of database that is measured. */
export interface DatabaseKind {
  readonly name: 'sqlite' | 'postgresql';
  create(): Promise<EmptyDatabases>;
  close(): Promise<void>;
}

/** Those of `names`: SQLite, and PostgreSQL of TEST_DATABASE_URL or of a server that ends with the run, where its programs are found. */
export async function databaseKinds(names: readonly string[]): Promise<DatabaseKind[]> {
  const sqlite: DatabaseKind = { name: 'sqlite', create: createFiles, close: async () => {} };
  const kinds = names.includes('sqlite') ? [sqlite] : [];
  if (!names.includes('postgresql')) return kinds;
  const url = process.env.TEST_DATABASE_URL;
  if (url) return [...kinds, postgres(url, async () => {})];
  try {
    const cluster = await startPostgresCluster();
    return [...kinds, postgres(cluster.url, () => cluster.remove())];
  } catch (error) {
    console.log(`PostgreSQL is left out: no TEST_DATABASE_URL, and no server could be started (${error}).`);
    return kinds;
  }
}

async function createFiles(): Promise<EmptyDatabases> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  return {
    activities: { file: join(directory, 'activities-api.sqlite') },
    users: { file: join(directory, 'user-lookup.sqlite') },
    env: { DATA_DIR: directory },
    remove: async () => rmSync(directory, { recursive: true, force: true }),
  };
}

function postgres(serverUrl: string, close: () => Promise<void>): DatabaseKind {
  const [, variant] = databaseVariants(serverUrl);
  return {
    name: 'postgresql',
    close,
    async create() {
      if (variant === undefined) throw new Error('A server has a variant.');
      const { location, remove } = await variant.create();
      const url = 'url' in location ? location.url : '';
      return { activities: location, users: location, env: { DATABASE_URL: url }, remove };
    },
  };
}
