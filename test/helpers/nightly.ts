/** Whether a test also runs what the gate leaves to the night: the `*.nightly.test.ts` beside it sets TEST_NIGHTLY. */
export const IS_NIGHT = process.env.TEST_NIGHTLY === 'true';
