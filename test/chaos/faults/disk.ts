import type { Fault, Promised } from '../fault.ts';
import { UNNOTICED } from '../fault.ts';
import type { Stage } from '../stage.ts';

/** DATA_DIR of both services is small, so that it is full soon. */
const stage = { volumeMiB: 24 } as const;

/** 13 is SQLITE_FULL. */
const FULL: Promised = {
  ...UNNOTICED,
  writes: ['503 with Retry-After'],
  shows: ['COMMIT 13', 'POST /api/activities ERR_SQLITE_ERROR'],
};

export const diskFaults: readonly Fault[] = [
  {
    name: 'disk-full',
    what: 'the volume of the databases and of waiting spans is full',
    promised: FULL,
    cause: { inject: ({ volume }) => volume?.fill(), mend: ({ volume }) => volume?.empty() },
    stage,
  },
  {
    name: 'disk-full-backend-down',
    what: 'the same, and the trace backend refuses connections: spans wait in memory',
    promised: { ...FULL, spansWithin: 20 },
    cause: {
      async inject({ volume, wayToBackend }) {
        volume?.fill();
        await wayToBackend.become('refuse');
      },
      async mend({ volume, wayToBackend }) {
        await wayToBackend.become('forward');
        volume?.empty();
      },
    },
    stage,
  },
  {
    name: 'disk-read-only',
    what: 'both services restart on a volume that has become read-only',
    promised: {
      ...UNNOTICED,
      reads: ['no connection'],
      writes: ['no connection'],
      atTimes: ['200', '201', 'cut off'],
      answersWithin: 10,
    },
    cause: {
      async inject(stage) {
        await stopBoth(stage);
        await stage.volume?.makeReadOnly(true);
        await stage.restartWhatEnded().catch(() => {}); // they may well refuse to
      },
      async mend(stage) {
        await stopBoth(stage);
        await stage.volume?.makeReadOnly(false);
        await stage.restartWhatEnded();
      },
    },
    stage,
  },
  {
    name: 'disk-read-only-spool',
    what: 'the volume becomes read-only and the trace backend refuses connections; data is in PostgreSQL',
    promised: { ...UNNOTICED, spansWithin: 20 },
    cause: {
      async inject({ volume, wayToBackend }) {
        await volume?.makeReadOnly(true);
        await wayToBackend.become('refuse');
      },
      async mend({ volume, wayToBackend }) {
        await wayToBackend.become('forward');
        await volume?.makeReadOnly(false);
      },
    },
    stage: { ...stage, usesPostgres: true },
  },
];

async function stopBoth({ pair }: Stage): Promise<void> {
  await pair.activities.stop('SIGTERM');
  await pair.userLookup.stop('SIGTERM');
}
