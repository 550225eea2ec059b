import type { Static } from 'typebox';
import Type from 'typebox';

const text = Type.String();
const number = Type.Number();

/** The spans of one command, or the spans with one value of `vcs.ref.head.revision`. */
export const Run = Type.Object({
  id: Type.String({ description: 'tandem.run.id, else the name' }),
  name: Type.String({ description: 'vcs.ref.head.revision, else the command or the id' }),
  branch: Type.Optional(Type.String({ description: 'vcs.ref.head.name' })),
  command: Type.Optional(text),
  service: Type.Optional(Type.String({ description: 'a service of it' })),
  services: Type.Optional(Type.Integer({ description: 'how many it has' })),
  folder: Type.Optional(Type.String({ description: 'the name of the folder that it ran in' })),
  problems: Type.Optional(Type.Integer({ description: 'what its end said' })),
  pull: Type.Optional(Type.String({ description: 'where its traces were pulled from' })),
  weighted: Type.Optional(
    Type.Boolean({ description: 'whether some of its traces stand for several, or were pulled' }),
  ),
  spans: Type.Integer(),
  first: text,
  last: text,
  requests: Type.Integer(),
  errors: Type.Integer({ description: 'requests that failed' }),
  stored: Type.Optional(
    Type.Integer({
      description: 'if requests and errors are estimates, as some are sampled: the stored requests',
    }),
  ),
  tests: Type.Integer(),
  failed: Type.Integer({ description: 'tests that failed' }),
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

/** A difference that chance does not explain. */
const Change = Type.Object({
  of: Type.Enum(['route', 'calls', 'errors', 'status', 'size', 'duration']),
  worse: Type.Boolean(),
  sentence: text,
  before: Type.Optional(number),
  now: Type.Optional(number),
});

const RouteComparison = Type.Object({
  service: text,
  route: text,
  base: Side,
  head: Side,
  judged: Type.Boolean({ description: 'false when a run has fewer than 20 stored requests' }),
  calls: Type.Array(Calls),
  durations: Type.Array(Quantile, { description: 'milliseconds; only quantiles with enough requests' }),
  changes: Type.Array(Change),
});

/** The differences between the requests of two runs, by route. */
export const Comparison = Type.Object({
  base: Run,
  head: Run,
  worse: Type.Boolean(),
  routes: Type.Array(RouteComparison, { description: 'the route with most requests first' }),
  more_routes: Type.Integer({ description: 'routes that are not in the list' }),
});

export type Run = Static<typeof Run>;
export type Side = Static<typeof Side>;
export type Quantile = Static<typeof Quantile>;
export type Change = Static<typeof Change>;
export type RouteComparison = Static<typeof RouteComparison>;
export type Comparison = Static<typeof Comparison>;
