/** What stands instead of a redacted text. */
const REDACTED = 'REDACTED';

/** Different values that may be redacted: each text of the trace is compared with each of them. */
const MAX_VALUES = 1000;

/** A shorter value, such as `GET` or `1`, is redacted in its own field alone. */
const SHORTEST_PART = 4;

/** Members that hold the trace together: ids and times. */
const STRUCTURE = /^(?:trace\.)?(?:id|(?:trace|span|parent|parentSpan)_?ids?|start_ns|time|.*UnixNano)$/i;

/** Names of fields whose values are often secret. */
const SECRET =
  /(?:^|[._-])(?:authorization|cookie|set-cookie|password|passwd|secret|token|credentials?|api[._-]?key|session[._-]?id)(?:$|[._-])/i;

/** Whether a field of this name often has a secret value. */
export function looksSecret(name: string): boolean {
  return SECRET.test(name);
}

/** Whether one of these names means a field; a name that ends with `*` stands for all names that begin so. */
export function isNamed(field: string, names: readonly string[]): boolean {
  return names.some((name) => (name.endsWith('*') ? field.startsWith(name.slice(0, -1)) : field === name));
}

/**
 * Copies JSON without the values of some fields: attributes of OTLP JSON, and members of other objects, with these names
 * become `REDACTED`. Other texts lose the same values, because an error message or a URL may repeat one.
 *
 * @param names see {@link isNamed}
 * @throws RangeError for more than 1,000 different values
 */
export function redact<T>(json: T, names: readonly string[]): T {
  if (names.length === 0) return json;
  const values = new Set<string>();
  const withoutFields = mapMembers(json, (name, value) => {
    if (!isNamed(name, names)) return undefined;
    collectTexts(value, values);
    return typeof value === 'object' ? { stringValue: REDACTED } : REDACTED;
  });
  if (values.size > MAX_VALUES)
    throw new RangeError(`These fields have more than ${MAX_VALUES} different values: name fewer fields.`);
  // The longest first: one value may be a part of another.
  const parts = [...values].toSorted((a, b) => b.length - a.length);
  return mapMembers(withoutFields, (name, value) => {
    if (STRUCTURE.test(name)) return value;
    if (typeof value !== 'string') return undefined;
    return parts.reduce((rest, part) => rest.replaceAll(part, REDACTED), value);
  }) as T;
}

/**
 * Copies JSON; a member of an object, an attribute of OTLP, or an item of a list becomes what `map` returns for it. Where
 * `map` returns undefined, its own members are mapped. An item of a list has the list's name.
 */
function mapMembers(json: unknown, map: (name: string, value: unknown) => unknown, name = ''): unknown {
  const mapped = (member: string, value: unknown) => map(member, value) ?? mapMembers(value, map, member);
  if (Array.isArray(json)) return json.map((item) => mapped(name, item));
  if (typeof json !== 'object' || json === null) return json;
  if ('key' in json && 'value' in json) return { ...json, value: mapped(String(json.key), json.value) };
  return Object.fromEntries(Object.entries(json).map(([member, value]) => [member, mapped(member, value)]));
}

function collectTexts(value: unknown, texts: Set<string>): void {
  if (typeof value === 'object' && value !== null)
    for (const each of Object.values(value)) collectTexts(each, texts);
  else if (String(value).length >= SHORTEST_PART) texts.add(String(value));
}
