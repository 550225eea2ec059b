/** Test runners whose attempts of tests have spans by what is known of their files: from the first version, and before the second. */
export const RUNNER_VERSIONS = {
  Jest: ['29.6.0', '31.0.0'], // before, it tells of no test that begins: skipped ones look alike
  Mocha: ['11.0.0', '12.0.0'],
  Playwright: ['1.55.0', '1.66.0'],
} as const satisfies Readonly<Record<string, readonly [from: string, below: string]>>;

/** A runner by the name that people call it. */
export type RunnerName = keyof typeof RUNNER_VERSIONS;

/** The channel on which telemetry tells of each runner of a process whether its tests have spans. */
export const RUNNER_TOLD = '@tandem/telemetry:test-runner';

/** A message of the channel. */
export interface RunnerTold {
  readonly runner: RunnerName;
  /** A sentence about what has no spans; without it, the runner's tests have theirs. */
  readonly note?: string;
}
