import type { Static } from 'typebox';
import Type from 'typebox';
import { estimatedRange, oneTraceIn, usualShare, workFigures } from '../../../core/range/schemas.ts';
import { NamedValue } from '../../../core/traces/read/meanings.ts';

const trafficParts = {
  ...workFigures,
  rate_per_second: Type.Number(),
  error_share: Type.Number({ description: '0 to 1' }),
  p99_ms: Type.Number(),
  total_ms: Type.Number({ description: 'all durations together' }),
  usual: usualShare,
};

/** Work of one kind over the time range: its amount, speed and errors. Durations in milliseconds. */
const CallTraffic = Type.Object(trafficParts);
/** Work of a service: its server and consumer spans, and its roots. A database has the spans of its callers. */
const MapService = Type.Object({
  name: Type.String(),
  type: Type.Enum(['service', 'database']),
  namespace: Type.Optional(Type.String({ description: '`service.namespace`' })),
  fields: Type.Optional(
    Type.Array(NamedValue, { description: 'the fields that name a database, for a query' }),
  ),
  ...trafficParts,
});
/** Calls from one service to another, measured by the callee. Calls of a database are measured by the caller. */
const MapCall = Type.Object({ from: Type.String(), to: Type.String(), ...trafficParts });

export const ServiceMap = Type.Object({
  ...estimatedRange,
  one_trace_in: oneTraceIn('calls between services'),
  services: Type.Array(MapService),
  calls: Type.Array(MapCall),
});

export type CallTraffic = Static<typeof CallTraffic>;
export type MapService = Static<typeof MapService>;
export type MapCall = Static<typeof MapCall>;
export type ServiceMap = Static<typeof ServiceMap>;
