import type { Fault, Promised } from '../fault.ts';
import { SPANS, UNNOTICED } from '../fault.ts';
import type { Order } from '../orders.ts';
import type { Stage } from '../stage.ts';

const STALL_MS = 2000;
const HOUR_MS = 3_600_000;

const AWAY: Promised = { reads: ['no connection'], writes: ['no connection'] };

const USUAL = { recoversWithin: 5, deliversWithin: 5, loses: 'nothing', isMixed: true } as const;

/** What ends by itself in the middle of a request. */
const ENDING = {
  ...USUAL,
  isMixed: false,
  promised: AWAY,
  atTimes: ['200', '201', 'cut off'],
  seconds: 2,
  mend: (stage: Stage) => stage.restartWhatEnded(),
} as const;

export const processFaults: readonly Fault[] = [
  {
    ...USUAL,
    name: 'process-stalled',
    what: `the event loop of activities-api does nothing else for ${STALL_MS / 1000} s`,
    promised: UNNOTICED,
    seconds: STALL_MS / 1000,
    atTimes: ['503 with Retry-After', '504'],
    inject: ({ pair, order }) => order(pair.activities, { kind: 'stall', milliseconds: STALL_MS }),
    mend() {},
  },
  {
    ...USUAL,
    name: 'process-sigterm',
    what: 'activities-api gets SIGTERM, and is started again two seconds after it has ended',
    promised: AWAY,
    atTimes: ['200', '201', 'cut off'],
    seconds: 2,
    inject: ({ pair }) => pair.activities.stop('SIGTERM'),
    mend: (stage) => stage.restartWhatEnded(),
  },
  {
    ...USUAL,
    name: 'process-sigkill',
    what: 'activities-api gets SIGKILL, and is started again after two seconds',
    promised: AWAY,
    atTimes: ['cut off'],
    seconds: 2,
    loses: 'last 500 ms',
    inject: (stage) => stage.kill(stage.pair.activities),
    mend: (stage) => stage.restartWhatEnded(),
  },
  {
    ...ENDING,
    name: 'process-throws',
    what: 'an error that nobody catches is thrown in a request to activities-api, which is started again after two seconds',
    inject: ({ pair, order }) => order(pair.activities, { kind: 'end', by: 'throw' }),
  },
  {
    ...ENDING,
    name: 'process-exits',
    what: 'activities-api calls process.exit(1) in a request, and is started again after two seconds',
    inject: ({ pair, order }) => order(pair.activities, { kind: 'end', by: 'exit' }),
  },
  {
    ...USUAL,
    name: 'process-clock-back',
    what: 'the time of day, as both processes read it, steps back by an hour, and forth again',
    promised: UNNOTICED,
    inject: (stage) => orderBoth(stage, { kind: 'step-clock', milliseconds: -HOUR_MS }),
    mend: (stage) => orderBoth(stage, { kind: 'step-clock', milliseconds: HOUR_MS }),
  },
  {
    ...USUAL,
    name: 'process-names-fail',
    what: 'connections are cut, and DNS fails (EAI_AGAIN) for user-lookup and the trace backend',
    promised: {
      reads: ['200 degraded'],
      writes: ['503 with Retry-After'],
      errors: [
        { span: SPANS.users, type: 'EAI_AGAIN', hasException: true },
        { span: SPANS.create, hasException: true },
      ],
      reasons: ['circuit_open', 'unreachable'],
    },
    isMixed: false,
    deliversWithin: 20,
    stage: { usesNames: true },
    async inject(stage) {
      orderBoth(stage, { kind: 'names', fails: true });
      for (const way of [stage.wayToUserLookup, stage.wayToBackend]) {
        await way.become('refuse');
        await way.become('forward');
      }
    },
    mend: (stage) => orderBoth(stage, { kind: 'names', fails: false }),
  },
];

function orderBoth({ order, pair }: Stage, what: Order): void {
  order(pair.activities, what);
  order(pair.userLookup, what);
}
