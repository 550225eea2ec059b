/** A duration with its unit and three significant digits: `812 µs`, `12.4 ms`, `1.30 s`, `2 min 05 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0 ms';
  if (milliseconds < 0.0009995) return `${digits(milliseconds * 1e6)} ns`;
  if (milliseconds < 0.9995) return `${digits(milliseconds * 1e3)} µs`;
  if (milliseconds < 999.5) return `${digits(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${digits(milliseconds / 1e3)} s`;
  const seconds = Math.round(milliseconds / 1e3);
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
}

/** How much longer or shorter: `+12.4 ms`, `−3.00 s`. */
export function signedDuration(milliseconds: number): string {
  return `${milliseconds < 0 ? '−' : '+'}${formatDuration(Math.abs(milliseconds))}`;
}

function digits(value: number): string {
  const rounded = Number(value.toPrecision(3));
  if (rounded >= 100) return rounded.toFixed(0);
  return rounded >= 10 ? rounded.toFixed(1) : rounded.toFixed(2);
}
