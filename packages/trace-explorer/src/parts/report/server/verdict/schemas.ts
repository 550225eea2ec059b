import type { Static } from 'typebox';
import Type from 'typebox';
import { PLACE } from '../../../../core/problems/schemas.ts';
import { ReportedProblem } from '../compare/change.ts';
import { FlakyTest } from '../flaky/schemas.ts';

const text = Type.String();
const count = (description: string) => Type.Integer({ description });
const optional = (description: string) => Type.Optional(Type.String({ description }));

const { id, route } = ReportedProblem.properties;

/** A problem as the end of a run tells it. */
export const VerdictProblem = Type.Object({
  ...ReportedProblem.properties,
  // A failed test has neither, and is counted.
  ...{ id: Type.Optional(id), route: Type.Optional(route), seen: count('the stored ones with the problem') },
  failure: Type.Boolean({ description: 'false: slow or needless work' }),
  of: count(
    'stored ones of the same routes; of times without the first ones of each process, which compile and connect',
  ),
  new: Type.Optional(
    Type.Boolean({
      description: 'true: the last run asked for the route, or ran the test, and had no such cause',
    }),
  ),
  last_of: Type.Optional(count('requests of the same routes in the last run')),
});
export type VerdictProblem = Static<typeof VerdictProblem>;

/**
 * A route of a run, with the times of its requests, but the first one of each process where there are others. Requests that were open
 * when the command was stopped have none.
 */
export const VerdictRoute = Type.Object({
  service: text,
  route: Type.String({ description: 'its name in the sentences' }),
  unit: Type.Enum(['request', 'message'], { description: 'what `requests` counts' }),
  requests: Type.Integer(),
  median_ms: Type.Number(),
  p95_ms: Type.Optional(Type.Number({ description: 'from 20 requests on' })),
  slowest_ms: Type.Number(),
});
export type VerdictRoute = Static<typeof VerdictRoute>;

/** What a run says at its end. */
export const Verdict = Type.Object({
  traces: Type.Integer(),
  truncated: Type.Boolean({ description: 'true: only its newest traces were read' }),
  read: Type.Optional(count('if truncated: requests and messages that were read')),
  only_first: Type.Optional(
    Type.Boolean({ description: 'true: each route had one request, so nothing is said about its time' }),
  ),
  sampled: Type.Optional(Type.Boolean({ description: 'true: some of its requests stand for several' })),
  requests: Type.Integer(),
  messages: count('messages that were processed'),
  refused: count('requests that were answered with 4xx'),
  refused_with: optional('the status of all of these'),
  failed: count('requests, messages and jobs that failed'),
  delayed: count('requests and messages that waited for a processor: nothing is said about their time'),
  services: Type.Integer(),
  tests: Type.Optional(
    Type.Object({
      passed: Type.Optional(Type.Integer()),
      ran: Type.Optional(
        count('in place of `passed`: the command failed, and none of its tests is known to have failed'),
      ),
      failed: Type.Integer(),
      flaky: Type.Optional(count('passed ones that failed at first')),
    }),
  ),
  flaky: Type.Optional(Type.Array(FlakyTest, { description: 'tests that failed and then passed' })),
  calls: Type.Optional(
    Type.Object(
      {
        made: Type.Integer(),
        refused: count('answered with 4xx'),
        failed: Type.Integer(),
        slowest_ms: Type.Optional(Type.Number()),
        to: Type.Array(text, { description: 'the called hosts and databases' }),
        failure: optional('a failed one'),
        ...PLACE,
      },
      { description: 'where no request came in: the calls that went out' },
    ),
  ),
  causes: Type.Array(VerdictProblem, { description: 'the worst first' }),
  routes: Type.Optional(
    Type.Array(VerdictRoute, {
      description: 'the slowest ones, by their P95, with fewer than 20 requests by the slowest one',
    }),
  ),
  gone: Type.Array(text, { description: 'causes of the last run that this one would have shown' }),
});
export type Verdict = Static<typeof Verdict>;
