import { ABSENT_HANDLE, SLOW_USER } from './traffic.ts';

/** One request with its answer or failure. */
export interface Outcome {
  readonly user: string;
  /** HTTP status, or the reason for no answer: `ECONNREFUSED`, `TimeoutError`. */
  readonly status: string;
  readonly durationMs: number;
}

/** The counts of spans; an unreadable count is undefined. */
export interface SpansSeen {
  readonly expected: number | undefined;
  readonly lost: number;
  readonly received: number | undefined;
}

/** The lines after a run. */
export function summarize(outcomes: readonly Outcome[], seconds: number, api: string): string[] {
  const slow = outcomes.filter(({ user }) => user === SLOW_USER);
  const others = outcomes.filter(({ user }) => user !== SLOW_USER);
  return [
    `${count(outcomes.length)} requests in ${seconds.toFixed(1)} s to ${api}, ${(outcomes.length / seconds).toFixed(1)} a second`,
    `  answers    ${countBy(outcomes.map(({ status }) => status))}${outcomes.some(isAbsent) ? ` (404: ${ABSENT_HANDLE})` : ''}`,
    `  durations  ${percentiles(outcomes)}`,
    ...(slow.length > 0 && others.length > 0
      ? [
          `  by user    ${SLOW_USER} P50 ${percentile(slow, 0.5)}, everybody else P50 ${percentile(others, 0.5)}`,
        ]
      : []),
  ];
}

function isAbsent({ status }: Outcome): boolean {
  return status === '404';
}

/** One line: whether all spans arrived. */
export function describeSpans({ expected, lost, received }: SpansSeen): string {
  const made =
    expected === undefined ? 'expected: not known, /metrics is off' : `expected ${count(expected)}`;
  const stored =
    received === undefined ? 'the explorer does not answer' : `received ${count(received)} (in the explorer)`;
  const missing = (expected ?? 0) - (received ?? 0);
  const why = lost > 0 ? `${count(lost)} were given up` : 'others may have sent requests meanwhile';
  const note = expected !== undefined && received !== undefined && missing > 0 ? `; ${why}` : '';
  return `  spans      ${made}, ${stored}${note}`;
}

function percentiles(outcomes: readonly Outcome[]): string {
  return [
    ...[0.5, 0.9, 0.99].map((share) => `P${share * 100} ${percentile(outcomes, share)}`),
    `longest ${percentile(outcomes, 1)}`,
  ].join(' · ');
}

/** The nearest rank. */
function percentile(outcomes: readonly Outcome[], share: number): string {
  const sorted = outcomes.map(({ durationMs }) => durationMs).toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
}

/** `586 × 200, 14 × 503`, the most frequent first. */
export function countBy(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, times]) => `${count(times)} × ${name}`)
    .join(', ');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
