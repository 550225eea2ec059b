import type { Static } from 'typebox';
import Type from 'typebox';
import { strictObject } from '../strict-object.ts';

const moment = (description: string) => Type.Optional(Type.Number({ minimum: 0, maximum: 9e9, description }));

/** Nanoseconds since the epoch; the end is excluded. */
export interface TimeInterval {
  readonly start: bigint;
  readonly end: bigint;
}

/** Parameters of a request about a time range. */
export function rangeQuery(defaultSeconds = 3600) {
  return strictObject({
    time_range: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 9e9,
        default: defaultSeconds,
        description: 'seconds before end_time',
      }),
    ),
    start_time: moment('seconds since the epoch; instead of time_range'),
    end_time: moment('seconds since the epoch; now when left out'),
  });
}

/** The interval of a request's parameters, which have the default of `rangeQuery`. */
export function intervalOf({
  time_range = 0,
  start_time,
  end_time = Date.now() / 1000,
}: Static<ReturnType<typeof rangeQuery>>): TimeInterval {
  const from = start_time ?? end_time - time_range;
  return { start: nanosecondsOf(from), end: nanosecondsOf(Math.max(from, end_time)) };
}

/** The last nanosecond that fits the store's BIGINT. */
const LAST = 2n ** 63n - 1n;

/** Seconds since the epoch in nanoseconds: exact to the microsecond, as a double of seconds is. A time before is the epoch. */
export function nanosecondsOf(seconds: number): bigint {
  const nanoseconds = BigInt(Math.round(Math.max(0, seconds) * 1e6)) * 1000n;
  return nanoseconds < LAST ? nanoseconds : LAST;
}

/** An interval in seconds since the epoch, to the microsecond, as answers have it. */
export function epochSeconds({ start, end }: TimeInterval): { start_time: number; end_time: number } {
  return { start_time: Number(start / 1000n) / 1e6, end_time: Number(end / 1000n) / 1e6 };
}
