export interface JsonAttribute {
  readonly key: string;
  readonly value: object;
}

/** A text, number or boolean as an attribute. Anything else becomes the text of its JSON. */
export function keyValue(key: unknown, value: unknown): JsonAttribute {
  return { key: String(key), value: anyValue(value) };
}

function anyValue(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Number.isSafeInteger(value)) return { intValue: String(value) };
  if (typeof value === 'number') return { doubleValue: value };
  return { stringValue: JSON.stringify(value) ?? '' };
}

/** An id with the digits that OTLP asks for: older clients leave out zeros at the beginning, or have ids of eight bytes. */
export function paddedId(id: unknown, bytes: 8 | 16): string | undefined {
  return typeof id === 'string' && id !== '' ? id.padStart(2 * bytes, '0') : undefined;
}

/** A time in µs as OTLP's text of ns; undefined for anything but a time. */
export function nanoseconds(micros: unknown): string | undefined {
  const number = Number(micros);
  return Number.isFinite(number) && number > 0 ? String(BigInt(Math.round(number)) * 1000n) : undefined;
}

/** The list, or none for anything else. */
export function listOf(value: unknown): readonly { readonly [member: string]: unknown }[] {
  return Array.isArray(value) ? value.map(Object) : [];
}

/** The spans of each service as OTLP JSON. */
export function documentOf(
  services: Iterable<{ readonly resource: readonly JsonAttribute[]; readonly spans: readonly object[] }>,
): object {
  const resourceSpans = Array.from(services, ({ resource, spans }) => ({
    resource: { attributes: resource },
    scopeSpans: [{ spans }],
  }));
  return { resourceSpans };
}

/** OTLP's number of a span's kind, by the names of Jaeger and Zipkin. */
export const KINDS: ReadonlyMap<unknown, number> = new Map(
  ['internal', 'server', 'client', 'producer', 'consumer'].map((name, index) => [name, index + 1]),
);

/** OTLP's status in attributes as OpenTelemetry's exporters for Jaeger and Zipkin write it, and `error` as their own clients do. */
export function statusOf(values: ReadonlyMap<string, unknown>): object | undefined {
  const code = values.get('otel.status_code');
  const error = values.get('error');
  const isError =
    code === 'ERROR' || (code === undefined && error !== undefined && String(error) !== 'false');
  if (isError) {
    const text = values.get('otel.status_description') ?? (typeof error === 'string' ? error : '');
    return { code: 2, message: String(text) === 'true' ? '' : String(text) };
  }
  return code === 'OK' ? { code: 1 } : undefined;
}
