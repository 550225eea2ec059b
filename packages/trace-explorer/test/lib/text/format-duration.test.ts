import t from 'tap';
import { formatDuration } from '../../../src/lib/text/format-duration.ts';

t.test('durations have a unit and three significant digits', async (t) => {
  const cases = [
    [0, '0 ms'],
    [0.000001, '1.00 ns'],
    [0.812, '812 µs'],
    [0.0123, '12.3 µs'],
    [0.9996, '1.00 ms'],
    [12.44, '12.4 ms'],
    [99.96, '100 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [1300, '1.30 s'],
    [59_960, '1 min 00 s'],
    [125_000, '2 min 05 s'],
    [3_725_000, '1 h 02 min'],
  ] as const;
  for (const [milliseconds, expected] of cases) t.equal(formatDuration(milliseconds), expected);
});
