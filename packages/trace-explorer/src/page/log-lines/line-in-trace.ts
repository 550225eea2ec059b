import { NO_SPAN, tracePlace } from '../../core/places/place.ts';

/** The address of a line's trace. */
export function lineInTrace(traceId: string, spanId: string, id: string) {
  const place = tracePlace(traceId, spanId || NO_SPAN);
  return { ...place, params: { ...place.params, tab: 'events', logs: 'list', log: id } };
}
