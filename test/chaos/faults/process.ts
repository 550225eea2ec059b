import type { Fault } from '../fault.ts';
import { UNNOTICED } from '../fault.ts';

/** No process listens until activities-api is started again. */
const AWAY = { ...UNNOTICED, reads: ['no connection'], writes: ['no connection'] } as const;

export const processFaults: readonly Fault[] = [
  {
    name: 'process-stalled',
    what: 'activities-api stands still (SIGSTOP) for two seconds',
    promised: { ...UNNOTICED, atTimes: ['503 with Retry-After', '504'] },
    cause: {
      inject: ({ pair }) => pair.activities.child.kill('SIGSTOP'),
      mend: ({ pair }) => pair.activities.child.kill('SIGCONT'),
    },
    seconds: 2,
  },
  {
    name: 'process-sigterm',
    what: 'activities-api gets SIGTERM, and restarts two seconds after its end',
    promised: { ...AWAY, atTimes: ['200', '201', 'cut off'] },
    cause: {
      inject: ({ pair }) => pair.activities.stop('SIGTERM'),
      mend: (stage) => stage.restartWhatEnded(),
    },
    seconds: 2,
  },
  {
    name: 'process-sigkill',
    what: 'activities-api gets SIGKILL, and restarts after two seconds',
    promised: { ...AWAY, atTimes: ['cut off'], loses: 'the last 500 ms before the kill' },
    cause: {
      inject: (stage) => stage.kill(stage.pair.activities),
      mend: (stage) => stage.restartWhatEnded(),
    },
    seconds: 2,
  },
];
