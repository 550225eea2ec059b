import type { Static } from 'typebox';
import Type from 'typebox';
import { Pulled } from '../../../core/fields/pulled.ts';
import { Deploy, estimatedRange, oneTraceIn, usualShare, workFigures } from '../../../core/range/schemas.ts';
import { NamedValue } from '../../../core/traces/read/meanings.ts';

const text = Type.String();

/** The number of requests, their durations and their errors. Durations in milliseconds. */
const RequestFigures = Type.Object(workFigures);
/** Requests of one route: SERVER spans, and spans where a trace begins, of one service and name. */
const RouteFigures = Type.Object({
  service: text,
  name: text,
  ...workFigures,
  slow_ms: Type.Number({
    description:
      'how slow it is: the P95, or with fewer than 20 requests the slowest one; without the first request of each process where there are others',
  }),
  slow_of: Type.Optional(Type.Integer({ description: 'if slow_ms is the slowest one: of so many' })),
  usual: usualShare,
});
const UserFigures = Type.Object({ user: text, ...workFigures });
/** A database, a queue or an API that sends no spans itself. */
const DependencyFigures = Type.Object({
  name: Type.String({ description: 'the name in the spans: `postgresql ledger`, `api.example.com`' }),
  fields: Type.Array(NamedValue, { description: 'the fields with this name, for a query' }),
  ...workFigures,
  total_ms: Type.Number({ description: 'sum over all calls' }),
});
/** Slow work in the spans that started in the range (seconds since the epoch). */
export const Overview = Type.Object({
  ...estimatedRange,
  one_trace_in: oneTraceIn('dependencies'),
  spans: Type.Integer({ description: 'all stored spans, of any time' }),
  notices: Type.Array(text, {
    description: 'sentences about the senders, such as that they use replaced names',
  }),
  logs: Type.Integer({ description: 'all stored log records, of any time' }),
  oldest: Type.Optional(
    Type.Number({
      description: 'when the first stored span or log record of any time began, seconds since the epoch',
    }),
  ),
  requests: RequestFigures,
  before: Type.Optional(RequestFigures),
  counted: Type.Optional(Pulled),
  services: Type.Integer(),
  routes: Type.Array(RouteFigures, {
    description:
      'requests by service and span name: SERVER spans, and other spans where a trace begins: without a parent, or the first one where no caller is stored; the slowest first, by slow_ms',
  }),
  more_routes: Type.Integer({ description: 'routes that are not in the list' }),
  user_field: Type.Optional(Type.String({ description: 'the field that names users' })),
  users: Type.Array(UserFigures, {
    description: 'slowest P50 first; users with fewer than 20 requests come after the others',
  }),
  dependencies: Type.Array(DependencyFigures, {
    description: 'databases, queues and APIs that send no spans; most time first',
  }),
  deploys: Type.Array(Deploy, { description: 'deploys of any time up to the end; the newest first' }),
});

export type RequestFigures = Static<typeof RequestFigures>;
export type RouteFigures = Static<typeof RouteFigures>;
export type DependencyFigures = Static<typeof DependencyFigures>;
export type Overview = Static<typeof Overview>;
