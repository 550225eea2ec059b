import type { Static } from 'typebox';
import Type from 'typebox';

const text = Type.String();
const optional = (description: string) => Type.Optional(Type.String({ description }));

/** A place in a trace: an attempt of a test, and the span in which it differs. */
const place = {
  trace_id: Type.String({ description: 'the trace of a failed attempt' }),
  span_id: Type.String({ description: 'its span' }),
  other_trace_id: optional('the trace of a passed attempt'),
  other_span_id: optional('its span'),
  differs_at: optional('the span in which they differ; of the passed attempt where the failed one lacks it'),
};

/** A test that failed and then passed in one run. */
export const FlakyTest = Type.Object({
  test: Type.String({ description: 'its file and path' }),
  service: text,
  file: optional('of the line that failed, else of the test'),
  line: Type.Optional(Type.Integer()),
  message: Type.String({ description: 'why the first failed attempt failed' }),
  failed: Type.Integer({ description: 'failed attempts' }),
  passed: Type.Integer({ description: 'passed attempts' }),
  sentence: Type.String({ description: 'what differs between a failed and a passed attempt' }),
  error: Type.Optional(
    Type.Object(
      { sentence: text, file: text, line: Type.Optional(Type.Integer()) },
      { description: 'an error of a request that only failed attempts have, and where in the code it began' },
    ),
  ),
  ...place,
});
export type FlakyTest = Static<typeof FlakyTest>;

/** A test whose outcome differs between runs. */
const UnsteadyTest = Type.Object({
  test: text,
  service: text,
  file: optional('of the line that failed, else of the test'),
  line: Type.Optional(Type.Integer()),
  message: Type.String({ description: 'why it failed first' }),
  failed: Type.Integer({ description: 'runs in which it failed, also where it passed then' }),
  flaky: Type.Optional(Type.Integer({ description: 'of these, runs in which it passed on a later attempt' })),
  passed: Type.Integer({ description: 'runs in which it passed at once' }),
  sentence: Type.String({
    description:
      'what all failed runs have and no passed one; with fewer than three of each, what two of them differ in',
  }),
  ...place,
});

/** Several runs of the same tests. */
export const RunsCompared = Type.Object({
  runs: Type.Array(
    Type.Object({
      id: text,
      name: text,
      tests: Type.Integer(),
      failed: Type.Integer({ description: 'tests that failed, by the last attempt of each' }),
      exit_code: Type.Optional(Type.Integer({ description: 'of its command' })),
    }),
    { description: 'the oldest first' },
  ),
  tests: Type.Integer({ description: 'tests of all runs together' }),
  unsteady: Type.Array(UnsteadyTest, { description: 'tests whose outcome differs' }),
  missing: Type.Array(Type.Object({ test: text, runs: Type.Integer({ description: 'in which it ran' }) }), {
    description: 'tests that ran in some of the runs only',
  }),
});
export type RunsCompared = Static<typeof RunsCompared>;
