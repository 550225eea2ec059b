/** A field describes the work, the machine that did the work, or the identity of the event. */
export type FieldGroup = 'meaning' | 'infrastructure' | 'identity';

/** Beginnings of names in OpenTelemetry's semantic conventions (machines, connections, instrumentation). */
const INFRASTRUCTURE =
  /^(?:(?:host|os|device|process|thread|container|k8s|cloud|network|net|client|service\.instance|telemetry|library|meta)\.|span\.num_|(?:server\.port|(?:resource|scope)\.schema_url|status_code|type)$)/u;

/** Ids and moments: nearly every event has its own value. `user.id` is not among them, because it names a person. */
const IDENTITY =
  /^trace\.|(?:^|[._])(?:span_id|trace_id|request_id|uuid|guid|etag|timestamp|now)$|\w(?:_at|_unix_nano)$|(?<!\w)(?=\w+$)(?:\w*_)?unix_\w/u;

/** The group of a field by its name. */
export function fieldGroup(name: string): FieldGroup {
  if (IDENTITY.test(name)) return 'identity';
  return INFRASTRUCTURE.test(name) ? 'infrastructure' : 'meaning';
}

/** A field with a smaller difference is noise. Its meaning does not count. */
const NOTABLE = 0.05;

/**
 * The rank of a field; the lowest comes first. The order: differences in meaning, differences in infrastructure, differences in
 * ids and moments, and last small differences. Within one of these groups the larger difference comes first.
 */
export function rankOf(group: FieldGroup, difference: number): number {
  if (difference < NOTABLE) return 3;
  return group === 'meaning' ? 0 : group === 'infrastructure' ? 1 : 2;
}
