import type { Fault, Promised } from '../fault.ts';
import { SPANS, UNNOTICED } from '../fault.ts';
import type { Stage } from '../stage.ts';

/** DATA_DIR of both services: little, so that it is full soon. */
const VOLUME_MIB = 24;

const USUAL = {
  needs: ['mount'],
  stage: { volumeMiB: VOLUME_MIB },
  recoversWithin: 5,
  deliversWithin: 5,
  loses: 'nothing',
} as const;

/** Of SQLite: the database or disk is full. */
const SQLITE_FULL = '13';
const FULL: Promised = {
  reads: ['200'],
  writes: ['503 with Retry-After'],
  errors: [
    { span: SPANS.commit, type: SQLITE_FULL, hasException: false },
    { span: SPANS.create, hasException: true },
  ],
};

export const diskFaults: readonly Fault[] = [
  {
    ...USUAL,
    name: 'disk-full',
    what: 'no room is left on the volume of the databases and of spans that wait',
    promised: FULL,
    inject: ({ volume }) => volume?.fill(),
    mend: ({ volume }) => volume?.empty(),
  },
  {
    ...USUAL,
    name: 'disk-full-backend-down',
    what: 'the same, and the trace backend refuses connections: spans wait in memory',
    promised: FULL,
    deliversWithin: 20,
    async inject({ volume, wayToBackend }) {
      volume?.fill();
      await wayToBackend.become('refuse');
    },
    async mend({ volume, wayToBackend }) {
      await wayToBackend.become('forward');
      volume?.empty();
    },
  },
  {
    ...USUAL,
    name: 'disk-read-only',
    atTimes: ['200', '201', 'cut off'],
    what: 'both services are started again on a volume that has become read-only',
    promised: { reads: ['no connection'], writes: ['no connection'] },
    recoversWithin: 10,
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
  {
    ...USUAL,
    needs: ['mount', 'PostgreSQL'],
    stage: { volumeMiB: VOLUME_MIB, usesPostgres: true },
    name: 'disk-read-only-spool',
    what: 'the volume becomes read-only and the trace backend refuses connections; data is in PostgreSQL',
    promised: UNNOTICED,
    deliversWithin: 20,
    async inject({ volume, wayToBackend }) {
      await volume?.makeReadOnly(true);
      await wayToBackend.become('refuse');
    },
    async mend({ volume, wayToBackend }) {
      await wayToBackend.become('forward');
      await volume?.makeReadOnly(false);
    },
  },
];

async function stopBoth({ pair }: Stage): Promise<void> {
  await pair.activities.stop('SIGTERM');
  await pair.userLookup.stop('SIGTERM');
}
