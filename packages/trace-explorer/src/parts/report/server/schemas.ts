import type { Static } from 'typebox';
import Type from 'typebox';
import { Run } from '../../../core/runs/schemas.ts';
import { UNITS } from '../../causes/units.ts';

const text = Type.String();
const number = Type.Number();
const test = Type.Optional(Type.String({ description: 'a test that shows it' }));
/** The traces that show a change. */
const traces = { trace_id: text, base_trace_id: Type.Optional(text) };

/** A cause that only one of two runs has. */
const ReportedCause = Type.Object({
  id: text,
  rule: text,
  sentence: text,
  route: text,
  line: Type.Optional(Type.String({ description: '`src/orders.js:31`' })),
  advice: Type.Optional(text),
  test,
  unit: Type.Enum([...UNITS], { description: 'what `requests` and `seen` count' }),
  requests: Type.Optional(Type.Number({ description: 'if sampled ones show it: how many, by their rates' })),
  seen: Type.Optional(
    Type.Integer({ description: 'and the stored ones that show it. Fewer than 3 are too few to estimate' }),
  ),
  trace_id: text,
});

/** A route that calls more or less, answers otherwise, or takes longer, in the same test. */
const RouteChange = Type.Object({
  service: text,
  route: text,
  sentence: Type.String({ description: 'SELECT items 1 → 15' }),
  before: Type.Optional(Type.Number({ description: 'calls per request, or milliseconds' })),
  now: Type.Optional(number),
  test,
  ...traces,
});

/** As `compare` tells it. */
const ChanceChange = Type.Object({
  ...RouteChange.properties,
  of: Type.Enum(['calls', 'errors', 'status', 'size', 'duration']),
  worse: Type.Boolean(),
});

const Dependency = Type.Object({ service: text, target: text, trace_id: text });

const TestChange = Type.Object({ test: text, ...traces });

const FailedTest = Type.Object({ test: text, message: text, trace_id: text });

const LongTest = Type.Object({
  test: text,
  ms: number,
  own_ms: Type.Number({ description: 'code of the processes that the trace shows' }),
  database_ms: number,
  http_ms: Type.Number({ description: 'calls whose callee has no span' }),
  waiting_ms: Type.Number({ description: 'no span but the test’s' }),
  trace_id: text,
});

const Changes = Type.Object({
  new_causes: Type.Array(ReportedCause),
  gone_causes: Type.Array(ReportedCause),
  more_calls: Type.Array(RouteChange),
  fewer_calls: Type.Array(RouteChange),
  statuses: Type.Array(RouteChange, {
    description: 'routes whose answers have another status in the same test',
  }),
  slower: Type.Array(RouteChange),
  by_chance: Type.Array(ChanceChange, { description: 'routes with 20 requests or more in both runs' }),
  new_dependencies: Type.Array(Dependency),
  renamed_routes: Type.Array(Type.Object({ service: text, from: text, to: text, ...traces })),
  scores: Type.Array(Type.Object({ service: text, base: number, head: number }), {
    description: 'services whose Instrumentation Score fell',
  }),
  new_tests: Type.Array(TestChange),
  gone_tests: Type.Array(TestChange),
  newly_failing: Type.Array(TestChange),
  mended: Type.Array(TestChange),
});

/** The report of a run, and the changes against another run. */
export const RunReport = Type.Object({
  run: Run,
  base: Type.Optional(Run),
  changes: Type.Optional(Changes),
  not_compared: Type.Optional(
    Type.Partial(Type.Object({ calls: text, times: text, causes: text }), {
      description: 'why, of what could not be compared',
    }),
  ),
  tests: Type.Integer(),
  failed: Type.Integer(),
  with_requests: Type.Integer({ description: 'tests that made requests' }),
  truncated: Type.Boolean({
    description: 'true: the run has more traces, or larger ones, than a report reads',
  }),
  causes: Type.Array(ReportedCause, { description: 'all causes of the run' }),
  base_causes: Type.Optional(Type.Integer({ description: 'the number of the causes of the base' })),
  failing: Type.Array(FailedTest),
  longest: Type.Array(LongTest),
});

export type ReportedCause = Static<typeof ReportedCause>;
export type RouteChange = Static<typeof RouteChange>;
export type ChanceChange = Static<typeof ChanceChange>;
export type Changes = Static<typeof Changes>;
export type Dependency = Static<typeof Dependency>;
export type RunReport = Static<typeof RunReport>;
export type TestChange = Static<typeof TestChange>;
export type LongTest = Static<typeof LongTest>;
