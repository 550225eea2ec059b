import { SeededRandom } from '@tandem/otlp/testing';
import t from 'tap';
import { clocks, restoreClocks } from '../../clocks.ts';

// Alone in its process: telemetry takes its clocks when it loads.
const { TraceClock, toHrTime } = await import('../../../src/road/spans/clock.ts');

const ORIGIN = 1_800_000_000_000.5; // a clock that stands still between two ticks

t.afterEach(restoreClocks);

/** Replaces the clocks of the process until the test ends. */
function replaceClocks(monotonicNow: () => number, systemNow: () => number): void {
  Object.assign(clocks, { monotonicNow, systemNow });
}

/** A clock whose system clock can be stepped. */
function steppable() {
  const state = { monotonic: 0, step: 0 };
  replaceClocks(
    () => state.monotonic,
    () => Math.floor(ORIGIN + state.monotonic + state.step),
  );
  const clock = new TraceClock();
  return { state, clock, newTrace: () => milliseconds(toHrTime(clock.anchor(), undefined)) };
}

function milliseconds([seconds, nanoseconds]: [number, number]): number {
  return seconds * 1000 + nanoseconds / 1e6;
}

t.test('times are exact to a quarter of a microsecond, and carry into seconds', async (t) => {
  t.strictSame(toHrTime(10_999.999, 0.0015), [11, 500]);
  replaceClocks(
    () => 1234.5678,
    () => ORIGIN,
  );
  const [seconds, nanoseconds] = toHrTime(ORIGIN, undefined);
  t.equal(seconds, 1_800_000_001);
  t.ok(Math.abs(nanoseconds - 235_067_800) <= 250, `${nanoseconds}`);
});

t.test('without a step the anchor stays the same', async (t) => {
  const { state, clock } = steppable();
  const anchor = clock.anchor();
  state.monotonic = 3_600_000;
  t.equal(clock.anchor(), anchor);
});

t.test('a step reaches the next trace, and no trace that is under way', async (t) => {
  for (const step of [60_000, -10_000]) {
    const { state, clock, newTrace } = steppable();
    const old = clock.anchor();
    state.monotonic = 5_000;
    state.step = step;
    t.ok(Math.abs(newTrace() - (ORIGIN + 5_000 + step)) < 1.5);
    t.equal(milliseconds(toHrTime(old, undefined)), ORIGIN + 5_000);
  }
});

/** Largest difference between two processes on one host: 50 µs, in milliseconds. */
const AGREED_MS = 0.05;

/** A machine with slow readings, on which another process sometimes runs between two readings. */
function busyMachine(seed: number) {
  const random = new SeededRandom(seed);
  const boot = 40_000 + random.next() * 1_000;
  const truth = { elapsed: 0, offset: ORIGIN + random.next() };
  const pass = (milliseconds: number) => {
    truth.elapsed += milliseconds;
  };
  const reading = () =>
    pass(0.00005 + random.next() * 0.0001 + (random.next() < 0.0002 ? random.next() * 8 : 0));
  const sources = {
    monotonic: () => {
      reading();
      return boot + truth.elapsed;
    },
    wall: () => {
      reading();
      return Math.floor(truth.offset + boot + truth.elapsed);
    },
  };
  /** The error of the clock for a trace that starts now. */
  const error = (clock: InstanceType<typeof TraceClock>) => clock.anchor() - truth.offset;
  replaceClocks(sources.monotonic, sources.wall);
  return { truth, pass, error };
}

t.test('the time is right before the first trace, on a busy machine, too', async (t) => {
  for (let seed = 1; seed <= 50; seed++) {
    const { error, pass } = busyMachine(seed);
    const clock = new TraceClock();
    t.ok(Math.abs(error(clock)) < AGREED_MS / 2, `start ${seed}: ${error(clock)} ms off`);
    for (let minute = 0; minute < 10; minute++) {
      pass(60_000);
      if (Math.abs(error(clock)) >= AGREED_MS / 2) t.fail(`start ${seed}: ${error(clock)} ms off later`);
    }
  }
});

t.test('after a step of some milliseconds the clock is right again within seconds', async (t) => {
  for (const step of [3.3, -3.3, 60_000.7]) {
    const { truth, error, pass } = busyMachine(11);
    const clock = new TraceClock();
    pass(5_000);
    error(clock);
    truth.offset += step;
    for (let trace = 0; trace < 4_000; trace++) {
      pass(1.37);
      error(clock);
    }
    t.ok(Math.abs(error(clock)) < AGREED_MS / 2, `step ${step}: ${error(clock)} ms off`);
  }
});
