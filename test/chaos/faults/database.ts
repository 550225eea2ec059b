import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import type { Cause, Fault, Promised } from '../fault.ts';
import { UNNOTICED, way } from '../fault.ts';
import type { Stage } from '../stage.ts';

const stage = { usesPostgres: true } as const;
/** How long to wait for the lock while the service has it; a busy machine needs a while. */
const LOCK_WAIT_MS = 10_000;

/** Reads and writes fail. The error differs by connection, so no error is promised. */
const WITHOUT_DATABASE: Promised = {
  ...UNNOTICED,
  reads: ['503 with Retry-After'],
  writes: ['503 with Retry-After'],
};
/** Only requests that run when connections end are refused. */
const NEARLY_UNNOTICED: Promised = { ...UNNOTICED, atTimes: ['503 with Retry-After'] };

const LOCKED: Cause & { holder: DatabaseSync | undefined } = {
  holder: undefined,
  inject({ pair }) {
    LOCKED.holder = new DatabaseSync(join(pair.directory, 'activities-api.sqlite'), {
      timeout: LOCK_WAIT_MS,
    });
    LOCKED.holder.exec('begin immediate');
  },
  mend() {
    LOCKED.holder?.exec('rollback');
    LOCKED.holder?.close();
  },
};
const DOWN: Cause = {
  inject: ({ cluster }) => cluster?.stop('fast'),
  mend: ({ cluster }) => cluster?.start(),
};

export const databaseFaults: readonly Fault[] = [
  {
    name: 'sqlite-locked',
    what: 'another process holds the write lock of the activities database',
    // 5 is SQLITE_BUSY.
    promised: { ...UNNOTICED, writes: ['201', '503 with Retry-After'], shows: ['BEGIN 5'] },
    cause: LOCKED,
    seconds: 10,
  },
  {
    name: 'postgresql-down',
    what: 'the server stops, and restarts',
    promised: { ...WITHOUT_DATABASE, shows: ['GET /api/users 503'] },
    cause: DOWN,
    stage,
  },
  {
    name: 'postgresql-restarted',
    what: 'an administrator restarts the server (fast)',
    promised: NEARLY_UNNOTICED,
    cause: { inject: ({ cluster }) => cluster?.restart('fast'), mend() {} },
    stage,
  },
  {
    name: 'postgresql-crashed',
    what: 'the server ends as in a crash (immediate), and restarts',
    promised: NEARLY_UNNOTICED,
    cause: { inject: ({ cluster }) => cluster?.restart('immediate'), mend() {} },
    stage,
  },
  {
    name: 'postgresql-terminated',
    what: 'pg_terminate_backend ends all connections',
    promised: NEARLY_UNNOTICED,
    cause: { inject: terminateAll, mend() {} },
    stage,
  },
  {
    name: 'postgresql-read-only',
    what: 'its database takes no writes, all its sessions begin anew, and it takes writes again',
    promised: { ...UNNOTICED, writes: ['503 with Retry-After'] },
    cause: {
      async inject(stage) {
        await administrate(stage, 'alter database postgres set default_transaction_read_only = on');
        await terminateAll(stage);
      },
      mend: (stage) => administrate(stage, 'alter database postgres reset default_transaction_read_only'),
    },
    seconds: 8,
    stage,
  },
  {
    name: 'postgresql-vanished',
    what: 'its connections end without FIN and RST, as after a pulled cable',
    promised: { ...WITHOUT_DATABASE, answersWithin: 10 },
    cause: way('wayToDatabase', 'swallow'),
    seconds: 8,
    stage,
  },
  {
    name: 'postgresql-slow',
    what: 'its answers come 50 ms later',
    promised: UNNOTICED,
    cause: way('wayToDatabase', { delayMs: 50 }),
    stage,
  },
];

function terminateAll(stage: Stage): Promise<void> {
  const others = "pid <> pg_backend_pid() and backend_type = 'client backend'";
  return administrate(stage, `select pg_terminate_backend(pid) from pg_stat_activity where ${others}`);
}

async function administrate({ cluster }: Stage, statement: string): Promise<void> {
  const client = new Client({ connectionString: cluster?.url });
  await client.connect();
  // The session of the administrator may write, also where the database says that sessions do not.
  await client.query('set default_transaction_read_only = off');
  await client.query(statement).finally(() => client.end());
}
