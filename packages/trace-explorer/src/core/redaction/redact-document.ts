import { withEqualNames } from '../conventions/attributes.ts';
import { parseJson } from '../shared/parse-json.ts';
import { isNamed } from './named-fields.ts';
import { REDACTED, SecretValues } from './secret-values.ts';

/** Members of OTLP JSON whose texts are ids and times. */
const NOT_TEXTS = /^(?:traceId|spanId|parentSpanId|\w+UnixNano|intValue)$/;

/**
 * A document of OTLP JSON with REDACTED instead of the values of some attributes, and of copies of these values in other texts.
 * @param line a document, as the explorer writes it
 * @param names as for a saved trace; an old and a present name of the conventions are one
 * @throws RangeError for too many different values
 */
export function redactDocument(line: string, names: readonly string[]): string {
  const all = names.flatMap(withEqualNames);
  const values = new SecretValues();
  const isRedacted = (value: unknown): value is { key: string; value: unknown } => {
    const { key } = Object(value);
    return typeof key === 'string' && 'value' in Object(value) && isNamed(key, all);
  };
  const document = JSON.stringify(parseJson(line), (_name, value) => {
    if (!isRedacted(value)) return value;
    JSON.stringify(value.value, (name, text) => {
      if (name !== '' && (typeof text === 'string' || typeof text === 'number')) values.add(String(text));
      return text;
    });
    return { key: value.key, value: { stringValue: REDACTED } };
  });
  return JSON.stringify(parseJson(document), (name, value) =>
    typeof value === 'string' && !NOT_TEXTS.test(name) ? values.redact(value) : value,
  );
}
