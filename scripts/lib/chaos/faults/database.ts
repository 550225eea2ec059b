import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import type { Fault, Promised } from '../fault.ts';
import { SPANS, TIMED_OUT, UNNOTICED } from '../fault.ts';
import type { Stage } from '../stage.ts';

/** PostgreSQL takes some seconds to come back, and connections that hang are found out within their time. */
const USUAL = { recoversWithin: 5, deliversWithin: 5, loses: 'nothing' } as const;
const ON_POSTGRES = { ...USUAL, needs: ['PostgreSQL'], stage: { usesPostgres: true } } as const;
const SLOW_MS = 50;
/** SQLite's result code, which is the span's db.response.status_code, too. */
const SQLITE_BUSY = '5';
/** For the lock, while the service itself has it: on a busy machine that takes a while. */
const LOCK_WAIT_MS = 10_000;

/** Nothing can be read or written. */
function withoutDatabase(users: string, hasException: boolean): Promised {
  return {
    reads: ['503 with Retry-After'],
    writes: ['503 with Retry-After'],
    errors: [
      { span: SPANS.handle, hasException: true },
      { span: SPANS.home, hasException: true },
      { span: SPANS.users, type: users, hasException },
      { span: SPANS.create, hasException: true },
    ],
  };
}

/** Connections that hold a lock, by stage. */
const holders = new WeakMap<Stage, DatabaseSync>();

export const databaseFaults: readonly Fault[] = [
  {
    ...USUAL,
    name: 'sqlite-locked',
    what: 'another process holds the write lock of the database of activities',
    promised: {
      reads: ['200'],
      writes: ['201', '503 with Retry-After'],
      errors: [
        { span: SPANS.begin, type: SQLITE_BUSY, hasException: false },
        { span: SPANS.create, hasException: true },
      ],
    },
    isMixed: true,
    seconds: 10,
    inject(stage) {
      const other = new DatabaseSync(activitiesFile(stage), { timeout: LOCK_WAIT_MS });
      other.exec('begin immediate');
      holders.set(stage, other);
    },
    mend(stage) {
      const other = holders.get(stage);
      other?.exec('rollback');
      other?.close();
    },
  },
  {
    ...ON_POSTGRES,
    name: 'postgresql-down',
    what: 'the server is stopped, and started again',
    promised: withoutDatabase('503', false),
    inject: ({ cluster }) => cluster?.stop('fast'),
    mend: ({ cluster }) => cluster?.start(),
  },
  {
    ...ON_POSTGRES,
    name: 'postgresql-restarted',
    atTimes: ['503 with Retry-After'],
    what: 'the server is restarted as an administrator does it (fast)',
    promised: UNNOTICED,
    inject: ({ cluster }) => cluster?.restart('fast'),
    mend() {},
  },
  {
    ...ON_POSTGRES,
    name: 'postgresql-crashed',
    atTimes: ['503 with Retry-After'],
    what: 'the server ends as in a crash (immediate), and is started again',
    promised: UNNOTICED,
    inject: ({ cluster }) => cluster?.restart('immediate'),
    mend() {},
  },
  {
    ...ON_POSTGRES,
    name: 'postgresql-terminated',
    atTimes: ['503 with Retry-After'],
    what: 'pg_terminate_backend ends all connections',
    promised: UNNOTICED,
    inject: terminateAll,
    mend() {},
  },
  {
    ...ON_POSTGRES,
    name: 'postgresql-vanished',
    what: 'its connections are cut without a word (no FIN, no RST)',
    promised: withoutDatabase(TIMED_OUT, true),
    seconds: 8,
    recoversWithin: 10,
    inject: ({ wayToDatabase }) => wayToDatabase?.become('swallow'),
    mend: ({ wayToDatabase }) => wayToDatabase?.become('forward'),
  },
  {
    ...ON_POSTGRES,
    name: 'postgresql-slow',
    what: `its answers come ${SLOW_MS} ms later`,
    promised: UNNOTICED,
    inject: ({ wayToDatabase }) => wayToDatabase?.become({ delayMs: SLOW_MS }),
    mend: ({ wayToDatabase }) => wayToDatabase?.become('forward'),
  },
];

function activitiesFile({ pair }: Stage): string {
  return join(pair.directory, 'activities-api.sqlite');
}

async function terminateAll({ cluster }: Stage): Promise<void> {
  const client = new Client({ connectionString: cluster?.url });
  await client.connect();
  await client
    .query(
      "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'",
    )
    .finally(() => client.end());
}
