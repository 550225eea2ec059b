import { rfc3339 } from '../../../lib/time/rfc3339.ts';
import type { FieldValue } from '../../fields/field-type.ts';
import { mapSpans } from '../../fields/map-spans.ts';
import type { StoredSpan } from '../read/stored-span.ts';

interface HoneycombEvent {
  readonly time: string;
  readonly samplerate: number;
  readonly data: { readonly [field: string]: string | number | boolean };
}

/** A span as Honeycomb's fields, with its events and links, which are rows of their own in Honeycomb. */
export function honeycombForm({ span, resource, scope, dataset, received }: StoredSpan): {
  dataset: string;
  event: HoneycombEvent | undefined;
  annotations: HoneycombEvent[];
} {
  const rows: { time: bigint; samplerate: number; data: Map<string, string | number | boolean> }[] = [];
  const shared = new Map<string, string | number | boolean>();
  mapSpans({ resource, scope, spans: [span] }, received, {
    share: (fields) => {
      for (const [field, { value }] of fields) shared.set(field, plain(value));
    },
    start: ({ time, sampleRate }) => rows.push({ time, samplerate: sampleRate, data: new Map(shared) }),
    set: (field, _type, value) => rows.at(-1)?.data.set(field, plain(value)),
  });
  const [event, ...annotations] = rows.map(({ time, samplerate, data }) => ({
    time: rfc3339(time),
    samplerate,
    data: Object.fromEntries(data),
  }));
  return { dataset, event, annotations };
}

/** A value for JSON. Integers beyond a double's precision become text, which is exact. */
function plain(value: FieldValue): string | number | boolean {
  return typeof value === 'bigint' ? value.toString() : value;
}
