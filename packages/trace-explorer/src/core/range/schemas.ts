import type { Static } from 'typebox';
import Type from 'typebox';

const text = Type.String();

/** The first span of a service's version after another version of the service. */
export const Deploy = Type.Object({
  service: text,
  version: text,
  previous: text,
  time: text,
  start_time: Type.Integer({ description: 'a stretch with spans of both versions, seconds since the epoch' }),
  end_time: Type.Integer(),
});

export type Deploy = Static<typeof Deploy>;

/** Work of one kind: how often it was done, its errors, and its durations in milliseconds. */
export const workFigures = {
  count: Type.Integer(),
  errors: Type.Integer(),
  stored: Type.Optional(
    Type.Integer({
      description: 'if some stand for several, so that the figures are estimates: the stored ones',
    }),
  ),
  p50_ms: Type.Number(),
  p95_ms: Type.Number(),
};

/** The share of failed calls in the time before. */
export const usualShare = Type.Optional(
  Type.Number({
    description:
      'the share of failed requests in the range of equal length before, 0 to 1, where it is stored and decides what is red',
  }),
);

/** Says that a figure of an answer comes from a sample of the traces. */
export function oneTraceIn(figure: string) {
  const description = `present with more than a million spans: ${figure} come from one trace in this many, multiplied`;
  return Type.Optional(Type.Integer({ description }));
}

/** Says which time range an answer covers, and whether its figures are estimates. */
export const estimatedRange = {
  start_time: Type.Number({ description: 'seconds since the epoch' }),
  end_time: Type.Number({ description: 'seconds since the epoch' }),
  estimated: Type.Boolean({
    description: 'whether some figures are estimates, because sampled spans count by their sample rates',
  }),
};
