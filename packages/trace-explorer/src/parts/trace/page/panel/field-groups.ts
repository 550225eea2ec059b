import type { AnyValue, KeyValue } from '../../../../page/values/any-value.ts';
import type { OtlpForm } from '../../../../page/values/otlp-form.ts';
import type { HoneycombForm } from './span-forms.ts';

export type ShownValue = string | number | boolean;

export interface SpanField {
  readonly name: string;
  readonly value: ShownValue;
  readonly group: (typeof SOURCE_GROUPS)[number];
  /** The sent type: `string`, `int`, `double`, `bool`, `array`, `map` or `bytes`. */
  readonly type: string;
}

/** Fields that repeat what the head of the panel says, or count what its tabs have. */
export const REPEATED = 'Said above';

/** Attributes of the application come first, then its host; ids and fields of the explorer come after both. */
export const SOURCE_GROUPS = ['Attributes', 'Resource', 'Span', 'Scope', REPEATED] as const;

/** A span's fields with their source: its attributes, its resource, its scope, or the span itself; last those that say nothing new. */
export function groupFields(fields: HoneycombForm['event'], otlp: OtlpForm): readonly SpanField[] {
  const [from] = otlp.resourceSpans ?? [];
  const [by] = from?.scopeSpans ?? [];
  const sources = [
    { group: 'Attributes', types: typesOf(by?.spans?.[0]?.attributes) },
    { group: 'Resource', types: typesOf(from?.resource?.attributes) },
    { group: 'Scope', types: typesOf(by?.scope?.attributes) },
  ] as const;
  const sorted = Object.entries(fields?.data ?? {}).sort(
    (a, b) => rankOf(a) - rankOf(b) || (a[0] < b[0] ? -1 : 1),
  );
  return sorted.map(([name, value]) => {
    const source = sources.find(({ types }) => typeOf(name, types) !== undefined);
    const isOfScope = /^(?:library|telemetry\.instrumentation)/.test(name);
    return {
      name,
      value,
      group: source?.group ?? (isOfScope ? 'Scope' : REPEATS.test(name) ? REPEATED : 'Span'),
      type: (source && typeOf(name, source.types)) ?? plainType(value),
    };
  });
}

/** Namespaces that libraries fill by the semantic conventions. Names outside of them are the application's own. */
const CONVENTIONAL =
  /^(?:http|url|db|server|client|network|net|peer|code|thread|otel|rpc|grpc|messaging|exception|error|user_agent|gen_ai|faas|cloud|k8s|host|process|os|telemetry)[._]/;
const REPEATS = /^(?:type|error|status_code|meta\.\w+|span\.num_\w+)$/;
const IDS = /^trace\.|_id$/;
/** Fields that are alike in nearly every span. */
const SAYS_LITTLE = /^(?:meta\.\w+|type)$/;

/** The order of a field in its group: own fields, fields of the conventions, ids, and last the fields that say little. */
function rankOf([name, value]: [string, ShownValue]): number {
  if (SAYS_LITTLE.test(name) || (value === 0 && /num_|count|dropped/.test(name))) return 3;
  if (IDS.test(name)) return 2;
  return CONVENTIONAL.test(name) ? 1 : 0;
}

function typesOf(attributes: readonly KeyValue[] = []): ReadonlyMap<string, string> {
  return new Map(attributes.map(({ key, value }) => [key, sentType(value)]));
}

/** The type of a field, or of the map that contains it: `a.b` may be `b` in the map `a`. */
function typeOf(name: string, types: ReadonlyMap<string, string>): string | undefined {
  const exact = types.get(name);
  if (exact !== undefined) return exact;
  for (let at = name.lastIndexOf('.'); at > 0; at = name.lastIndexOf('.', at - 1)) {
    const type = types.get(name.slice(0, at));
    if (type === 'map' || type === 'array') return type;
  }
  return undefined;
}

function sentType(value: AnyValue | undefined): string {
  const [kind = ''] = Object.keys(value ?? {});
  return kind.replace(/Value$/, '').replace('kvlist', 'map');
}

function plainType(value: ShownValue): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'double';
  return typeof value === 'boolean' ? 'bool' : 'string';
}
