/** A duration with its unit and three significant digits: `812 µs`, `12.4 ms`, `1.30 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 0.9995) return `${threeDigits(milliseconds * 1000)} µs`;
  if (milliseconds < 999.5) return `${threeDigits(milliseconds)} ms`;
  return `${threeDigits(milliseconds / 1000)} s`;
}

function threeDigits(value: number): string {
  if (value === 0) return '0';
  return value >= 999.5
    ? Math.round(value).toString()
    : Number(value.toPrecision(3)) === 0
      ? '0'
      : value.toPrecision(3);
}
