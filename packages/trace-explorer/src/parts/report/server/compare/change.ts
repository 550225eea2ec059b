import type { Static } from 'typebox';
import Type from 'typebox';
import { AcceptedBy, Problem } from '../../../../core/problems/schemas.ts';
import { UNITS } from '../../../../core/problems/units.ts';
import { Run } from '../../../../core/runs/schemas.ts';

const text = Type.String();
const number = Type.Number();

/** A problem of a run, or one that only one of two runs has. */
export const ReportedProblem = Type.Object({
  ...Problem.properties,
  route: Type.String({ description: 'of the request that shows it' }),
  test: Type.Optional(Type.String({ description: 'a test that shows it' })),
  unit: Type.Enum([...UNITS], { description: 'what `requests` and `seen` count' }),
  requests: Type.Optional(
    Type.Number({ description: 'if some of these are samples: how many, by their rates' }),
  ),
  seen: Type.Optional(
    Type.Integer({
      description: 'the stored ones with the problem. Fewer than 3 are too few to estimate',
    }),
  ),
  expired: Type.Optional(AcceptedBy),
});

/** How a change is known: the same test made it in both runs, or chance does not explain it over all requests of a route. */
const Sure = Type.Union([
  Type.Object({ by: Type.Literal('test'), test: text }),
  Type.Object({
    by: Type.Literal('chance'),
    low: Type.Optional(Type.Number({ description: 'the interval of the difference' })),
    high: Type.Optional(number),
  }),
]);

/** One thing that differs between two runs. */
export const Change = Type.Object({
  of: Type.Enum([
    ...(['calls', 'errors', 'status', 'size', 'duration', 'route'] as const),
    ...(['dependency', 'cause', 'test', 'score'] as const),
  ]),
  how: Type.Enum(
    [
      ...(['more', 'fewer', 'slower', 'faster', 'new', 'gone'] as const),
      ...(['renamed', 'failing', 'mended', 'other'] as const),
    ],
    { description: '`new` and `gone` only where both runs have all of their traces' },
  ),
  worse: Type.Boolean(),
  service: text,
  route: Type.Optional(text),
  sentence: Type.String({ description: 'SELECT items 1 → 15' }),
  before: Type.Optional(Type.Number({ description: 'calls per request, milliseconds, or a score' })),
  now: Type.Optional(number),
  sure: Type.Optional(Sure),
  cause: Type.Optional(ReportedProblem),
  trace_id: Type.Optional(Type.String({ description: 'a trace that shows it' })),
  base_trace_id: Type.Optional(Type.String({ description: 'and one of the base' })),
});

/** Requests of a route in one run. Their trace is one of median length. */
const Side = Type.Object({
  requests: Type.Integer({ description: 'with sampled ones by their rates' }),
  errors: Type.Integer(),
  seen: Type.Integer({ description: 'stored traces with such a request' }),
  stored: Type.Optional(Type.Integer({ description: 'if some are sampled: the stored requests' })),
  trace_id: Type.Union([text, Type.Null()]),
});

/** Calls per request of one operation of a service, database, queue or address. */
const Calls = Type.Object({ to: text, operation: text, base: number, head: number });

/** A quantile of the durations, and the bootstrap interval of its difference. Milliseconds. */
const Quantile = Type.Object({ quantile: number, base: number, head: number, low: number, high: number });

/** What both runs have of a route, changed or not. */
const RouteFigures = Type.Object({
  service: text,
  route: text,
  base: Side,
  head: Side,
  judged: Type.Boolean({ description: 'false when a run has fewer than 20 stored requests' }),
  calls: Type.Array(Calls),
  durations: Type.Array(Quantile, { description: 'milliseconds; only quantiles with enough requests' }),
});

/** The differences between the requests of two runs. */
export const RunComparison = Type.Object({
  base: Run,
  head: Run,
  worse: Type.Boolean(),
  changes: Type.Array(Change, { description: 'route by route, in their order' }),
  routes: Type.Array(RouteFigures, { description: 'the route with most requests first' }),
  more_routes: Type.Integer({ description: 'routes that are not in the list' }),
});

export type ReportedProblem = Static<typeof ReportedProblem>;
export type Change = Static<typeof Change>;
export type Side = Static<typeof Side>;
export type Quantile = Static<typeof Quantile>;
export type RouteFigures = Static<typeof RouteFigures>;
export type RunComparison = Static<typeof RunComparison>;
