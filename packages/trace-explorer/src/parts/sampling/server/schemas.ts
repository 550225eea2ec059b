import type { Static } from 'typebox';
import Type from 'typebox';
import { strictObject } from '../../../lib/strict-object.ts';

const MOST_FILES = 10;
const moment = Type.Optional(
  Type.Number({ minimum: 0, maximum: 9e9, description: 'seconds since the epoch' }),
);

/** The question. */
export const SampleBody = strictObject({
  rules: Type.Array(
    strictObject({
      name: Type.String({ maxLength: 500 }),
      text: Type.String({
        description: 'a Collector’s configuration, Refinery’s rules, or variables of an SDK',
      }),
    }),
    { maxItems: MOST_FILES },
  ),
  environment: Type.Optional(Type.String({ description: 'Refinery’s; __default__ when left out' })),
  tracestate: Type.Optional(
    Type.Boolean({
      description: 'the Collector’s feature gate usetracestate: decisions by random bits, and thresholds',
    }),
  ),
  keep: Type.Optional(Type.Number({ minimum: 0, maximum: 100, description: 'percent of all traces' })),
  errors: Type.Optional(
    Type.Boolean({ description: 'keeps traces with an error; a suggestion does so unless this is false' }),
  ),
  slower_ms: Type.Optional(
    Type.Integer({
      minimum: 0,
      description:
        'keeps traces with a span that takes longer; a suggestion does so from 1000 on, and not at all for 0',
    }),
  ),
  suggest: Type.Optional(Type.Number({ minimum: 1, description: 'events a month to find rules for' })),
  start_time: moment,
  end_time: moment,
});

export type SampleBody = Static<typeof SampleBody>;

const text = Type.String();
const count = Type.Integer();
const number = Type.Number();

/**
 * An estimate from kept spans beside the truth, and the interval in which such estimates lie in 19 of 20 cases. Too few kept
 * traces say nothing about slower ones: their P95 has no interval.
 */
const Figure = Type.Object({
  truth: number,
  kept: number,
  low: Type.Optional(number),
  high: Type.Optional(number),
});

/** Traces that begin at a route. */
const route = { service: text, route: text };
/** Some traces, and how many of them are lost. */
const loss = {
  traces: count,
  lost: number,
  gone: Type.Number({ description: 'the probability that no trace is kept' }),
};

const Volume = Type.Object({
  traces: number,
  spans: number,
  events: Type.Number({
    description: 'spans, span events and links: each is an event in Honeycomb’s counting',
  }),
  span_events: number,
  links: number,
  events_weighted: Type.Number({
    description: 'events before an earlier sampling, by the rates of the spans',
  }),
  bytes: Type.Number({ description: 'of the spans’ messages, before compression' }),
  events_month: Type.Number({ description: 'at the rate of the range, in 730 hours' }),
  gb_month: number,
});

const Lost = Type.Object({
  errors: Type.Object(loss, { description: 'traces with a failed span' }),
  causes: Type.Array(
    Type.Object({ id: text, rule: text, sentence: text, routes: Type.Array(text), ...loss }),
    {
      description:
        'causes of errors and findings that lose traces, first the causes that would no longer be found; of the traces that were looked at',
    },
  ),
  causes_looked: Type.Integer({ description: 'traces in which causes were looked for' }),
  causes_of: count,
  slow: Type.Array(Type.Object({ ...route, over_ms: number, ...loss }), {
    description: 'the slowest twentieth of each route',
  }),
  routes: Type.Array(Type.Object({ ...route, ...loss }), {
    description: 'routes that are left without a trace, more likely than not',
  }),
  users: Type.Object({
    field: text,
    of: count,
    gone: Type.Number({ description: 'users of whom no trace is kept' }),
    some: Type.Array(text),
  }),
});

const Trial = Type.Object({
  name: text,
  product: Type.Enum(['collector', 'refinery', 'head']),
  notes: Type.Array(text, { description: 'what is not modelled, what is assumed, and what to know' }),
  weights: Type.Boolean({ description: 'whether the product writes what a kept span stands for' }),
  kept: Volume,
  least: Type.Optional(Volume),
  most: Type.Optional(Volume),
  rules: Type.Array(
    Type.Object({ rule: text, traces: count, kept: number, events: Type.Number({ description: 'kept' }) }),
  ),
  lost: Lost,
  figures: Type.Array(Type.Object({ ...route, count: Figure, error_rate: Figure, p95_ms: Figure })),
});

/** The events that rules would keep, cost and lose, tried on stored traffic. */
export const SamplingReport = Type.Object({
  start_time: Type.Number({ description: 'seconds since the epoch: the first span' }),
  end_time: Type.Number({ description: 'seconds since the epoch: the last span' }),
  hours: number,
  short: Type.Boolean({ description: 'true: less than an hour, so that figures of a month say little' }),
  sampled: Type.Boolean({ description: 'whether spans stand for several already' }),
  pulled: Type.Optional(
    Type.Integer({ description: 'pulled traces: then all volumes are estimates by their rates' }),
  ),
  logs: Type.Integer({
    description:
      'log records of the range: events too, which are not in `all`, because samplers of traces keep them',
  }),
  all: Volume,
  trials: Type.Array(Trial),
  suggestion: Type.Optional(
    Type.Object({
      events_month: Type.Number({ description: 'of the file that keeps more; `trials` has each file’s own' }),
      reached: Type.Boolean({ description: 'false: a file keeps more than the budget' }),
      collector: text,
      refinery: text,
    }),
  ),
});
export type SamplingReport = Static<typeof SamplingReport>;
export type Trial = Static<typeof Trial>;
export type Volume = Static<typeof Volume>;
export type Figure = Static<typeof Figure>;
export type Lost = Static<typeof Lost>;
