import type { UnitSpan } from '../../../core/problems/unit-spans.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';

/** The key and the label of events outside of tests. */
export const OUTSIDE = '';

/** The key of a route, in every test. */
export function routeKey(service: string, route: string): string {
  return JSON.stringify([service, route]);
}

/** The key of the route of a request or message; empty for a job, or a test's own work. */
export function routeKeyOf({ service, route, isRequest }: UnitSpan): string {
  return isRequest ? routeKey(service, route) : '';
}

/** A pool connects when others are busy, so connecting is no call. */
export function isCountedCall(model: TraceModel, index: number): boolean {
  const kind = model.kind(index);
  const calls = kind === 'client' || kind === 'producer' || model.isDatabase(index);
  const name = model.name(index);
  const connects = model.isDatabase(index) && name.startsWith('connect ');
  return calls && !connects && !/(?:^|[^a-z])connect$/i.test(name.slice(-20));
}
