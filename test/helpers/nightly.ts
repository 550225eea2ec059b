import type { Test } from 'tap';

/**
 * Whether a test also runs what the gate leaves to the night. A comment `// At night too: …` in its file says what, and tells
 * `test:nightly` to run the file with TEST_NIGHTLY.
 */
export const IS_NIGHT = process.env.TEST_NIGHTLY === 'true';

interface Tests {
  test(name: string, run: (t: Test) => unknown): unknown;
}

/** Takes a test that the gate leaves to the night: `atNight(t).test(…)`. */
export const atNight = (t: Tests): Tests => (IS_NIGHT ? t : { test: () => undefined });
