import { quantile } from '../../../tools/statistics.ts';
import { countNames, describeCounts } from '../counts.ts';
import { ABSENT_HANDLE, SLOW_USER } from './traffic.ts';

export interface Outcome {
  readonly user: string;
  /** HTTP status, or the reason for no answer: `ECONNREFUSED`, `TimeoutError`. */
  readonly status: string;
  readonly durationMs: number;
}

/** The lines after a run. */
export function summarize(outcomes: readonly Outcome[], seconds: number, api: string): string[] {
  const slow = outcomes.filter(({ user }) => user === SLOW_USER);
  const others = outcomes.filter(({ user }) => user !== SLOW_USER);
  return [
    `${outcomes.length.toLocaleString('en-US')} requests in ${seconds.toFixed(1)} s to ${api}, ${(outcomes.length / seconds).toFixed(1)} a second`,
    `  answers    ${describeCounts(countNames(outcomes.map(({ status }) => status)))}${outcomes.some(({ status }) => status === '404') ? ` (404: ${ABSENT_HANDLE})` : ''}`,
    `  durations  ${percentiles(outcomes)}`,
    ...(slow.length > 0 && others.length > 0
      ? [
          `  by user    ${SLOW_USER} P50 ${percentile(slow, 0.5)}, everybody else P50 ${percentile(others, 0.5)}`,
        ]
      : []),
  ];
}

function percentiles(outcomes: readonly Outcome[]): string {
  return [
    ...[0.5, 0.9, 0.99].map((share) => `P${share * 100} ${percentile(outcomes, share)}`),
    `longest ${percentile(outcomes, 1)}`,
  ].join(' · ');
}

function percentile(outcomes: readonly Outcome[], share: number): string {
  const durations = outcomes.map(({ durationMs }) => durationMs);
  const value = quantile(durations, share);
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
}
