import t from 'tap';
import { TraceClock, timeAt } from '../../src/clock/trace-clock.ts';

const ORIGIN = 1_800_000_000_000.25;

/** A clock whose system clock can be stepped. */
function steppable() {
  const state = { monotonic: 0, step: 0 };
  const clock = new TraceClock({
    monotonic: () => state.monotonic,
    wall: () => Math.floor(ORIGIN + state.monotonic + state.step),
    origin: ORIGIN,
  });
  return { state, clock, newTrace: () => milliseconds(clock.now(clock.anchor())) };
}

function milliseconds([seconds, nanoseconds]: [number, number]): number {
  return seconds * 1000 + nanoseconds / 1e6;
}

t.test('times have better than microseconds, and carry into seconds', async (t) => {
  t.strictSame(timeAt({ seconds: 10, nanoseconds: 999_999_000 }, 0.0015), [11, 500]);
  t.strictSame(timeAt({ seconds: 10, nanoseconds: 250_000 }, 1234.5), [11, 234_750_000]);
});

t.test('without a step the anchor stays the same object', async (t) => {
  const { state, clock } = steppable();
  const anchor = clock.anchor();
  state.monotonic = 3_600_000;
  t.equal(clock.anchor(), anchor);
});

t.test('a step forward reaches the next trace at once, and no trace that is under way', async (t) => {
  const { state, clock, newTrace } = steppable();
  const old = clock.anchor();
  state.monotonic = 5_000;
  state.step = 60_000;
  t.ok(Math.abs(newTrace() - (ORIGIN + 65_000)) < 1.5);
  t.equal(milliseconds(clock.now(old)), ORIGIN + 5_000);
});

t.test('a step back: times stay monotonic, and agree again in twice the time', async (t) => {
  const { state, newTrace } = steppable();
  state.step = -10_000;
  let last = newTrace();
  for (state.monotonic = 1_000; state.monotonic <= 30_000; state.monotonic += 1_000) {
    const now = newTrace();
    t.ok(now > last, `${now} after ${last}`);
    last = now;
  }
  t.ok(Math.abs(last - (ORIGIN + 30_000 - 10_000)) < 6);
});
