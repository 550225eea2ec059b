/** A message in OTLP's JSON encoding, for JSON.stringify. */
export type JsonMessage = Record<string, unknown>;

/** The message without fields at their default, as in protobuf; `Fields` is its table. */
export function withoutDefaults<Fields>(
  message: Readonly<Partial<Record<keyof Fields, unknown>>>,
): JsonMessage {
  const kept: JsonMessage = {};
  for (const name in message) {
    const value = message[name];
    if (!isDefault(value)) kept[name] = value;
  }
  return kept;
}

function isDefault(value: unknown): boolean {
  if (value === '' || value === 0 || value === '0') return true;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.length === 0;
  for (const _name in value) return false;
  return true;
}
