/** A field tells something about the work, about the place where the work ran, or which event it was. */
export type FieldGroup = 'meaning' | 'infrastructure' | 'identity';

/** Beginnings of names in OpenTelemetry's semantic conventions (machines, connections, instrumentation). */
const INFRASTRUCTURE = [
  'host.',
  'os.',
  'device.',
  'process.',
  'thread.',
  'container.',
  'k8s.',
  'cloud.',
  'network.',
  'net.',
  'client.',
  'server.port',
  'service.instance.',
  'telemetry.',
  'library.',
  'resource.schema_url',
  'scope.schema_url',
  'meta.',
  'span.num_',
  'status_code',
  'type',
];

/** Ids and moments: nearly every event has its own. People are not among them, since `user.id` tells who. */
const IDENTITY =
  /^trace\.|(?:^|[._])(?:span_id|trace_id|request_id|uuid|guid|etag|timestamp|now|\w+_at|\w+_unix_nano|unix_\w+)$/u;

/** The group of a field by its name. */
export function fieldGroup(name: string): FieldGroup {
  if (IDENTITY.test(name)) return 'identity';
  const isOf = (start: string) => (/[._]$/u.test(start) ? name.startsWith(start) : name === start);
  return INFRASTRUCTURE.some(isOf) ? 'infrastructure' : 'meaning';
}

/** Below this difference a field is noise, whatever it means. */
const NOTABLE = 0.05;

/**
 * Where a field stands, the lowest first: what differs in meaning, what differs in infrastructure, ids and moments that
 * differ, and at last what hardly differs. Within one of these the greater difference is first.
 */
export function rankOf(group: FieldGroup, difference: number): number {
  if (difference < NOTABLE) return 3;
  return group === 'meaning' ? 0 : group === 'infrastructure' ? 1 : 2;
}
