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
