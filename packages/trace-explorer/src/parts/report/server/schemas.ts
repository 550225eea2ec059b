import type { Static } from 'typebox';
import Type from 'typebox';
import { Sighting } from '../../../core/problems/schemas.ts';
import { Run } from '../../../core/runs/schemas.ts';
import { Change, ReportedProblem } from './compare/change.ts';
import { FlakyTest } from './flaky/schemas.ts';

const text = Type.String();
const number = Type.Number();
const FailedTest = Type.Object({
  test: text,
  message: text,
  after: Type.Optional(
    Type.String({ description: 'the answer of 5xx that came before: `GET /stock/:sku answered 503`' }),
  ),
  trace_id: text,
});

const LongTest = Type.Object({
  test: text,
  ms: number,
  own_ms: Type.Number({ description: 'code of the processes that the trace shows' }),
  database_ms: number,
  http_ms: Type.Number({ description: 'calls whose callee has no span' }),
  waiting_ms: Type.Number({ description: 'no span but the test’s' }),
  trace_id: text,
});

/** A known problem that a run does not show, and how often its route was asked for. */
const Unseen = Type.Object({ service: text, route: text, sentence: text, asked: Type.Integer() });
export type Unseen = Static<typeof Unseen>;

/** The report of a run, and the changes against another run. */
export const RunReport = Type.Object({
  run: Run,
  base: Type.Optional(Run),
  changes: Type.Optional(Type.Array(Change)),
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
  causes: Type.Array(ReportedProblem, { description: 'all causes of the run' }),
  weak: Type.Optional(
    Type.Array(Sighting, {
      description:
        'if asked for: sightings of causes that are not told: no request has them in full, or only a test’s failed attempts have them',
    }),
  ),
  asked: Type.Optional(
    Type.Array(Type.Object({ service: text, route: text, requests: Type.Integer() }), {
      description: 'if sightings are asked for: the routes, as these name them',
    }),
  ),
  base_causes: Type.Optional(Type.Integer({ description: 'the number of the causes of the base' })),
  failing: Type.Array(FailedTest),
  flaky: Type.Optional(Type.Array(FlakyTest, { description: 'tests that failed and then passed' })),
  longest: Type.Array(LongTest),
  unseen: Type.Optional(
    Type.Array(Unseen, {
      description: 'if known is asked for: accepted problems that the run does not show',
    }),
  ),
  known_fault: Type.Optional(
    Type.String({
      description: 'and what is wrong with the project’s file: then no problem counts as known',
    }),
  ),
});

export type RunReport = Static<typeof RunReport>;
export type LongTest = Static<typeof LongTest>;
