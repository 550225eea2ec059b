import type { Attribute, LogRecord, Resource, Scope, Span } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import { CORE_FIELDS, fieldOfAttribute } from '../fields/core-fields.ts';
import { isCut } from '../fields/truncate.ts';
import { nextTurn } from '../shared/turns.ts';
import type { StoredLog, StoredMessage, StoredSpan } from '../traces/read/stored-span.ts';
import { logOf, spanOf } from '../traces/read/stored-span.ts';
import { isNamed } from './named-fields.ts';
import { REDACTED, SecretValues } from './secret-values.ts';

/** What becomes of the values and texts of a message. */
interface Rules {
  /** Of a field that is to be redacted. */
  readonly named: (value: Attribute) => Attribute;
  /** Of any other field; neither a map nor a list. */
  readonly other: (value: Attribute) => Attribute;
  readonly key: (key: string) => string;
}

/**
 * Takes the values of some fields out of messages, and copies of these values out of all other texts. Ids, times, kinds
 * and counts are no texts, and stay.
 *
 * A field is meant by its path, as the fields of a query are: the attributes, in maps and lists too, and the texts of OTLP
 * that are fields, such as `name` and `status_message`. What is redacted becomes a text, so that the message is still OTLP.
 */
export class Redaction {
  readonly #names: readonly string[];
  readonly #values = new SecretValues();
  readonly #rules: Rules = {
    named: ({ key }) => ({ key: this.#key(key), kind: ValueKind.string, value: REDACTED }),
    other: (attribute) => this.#withoutCopies(attribute),
    key: (key) => this.#key(key),
  };

  private constructor(names: readonly string[]) {
    this.#names = names;
  }

  /**
   * Reads the values of the fields.
   * @param names see {@link isNamed}
   * @throws RangeError for too many different values
   */
  static async of(
    names: readonly string[],
    spans: readonly StoredMessage[],
    logs: readonly StoredMessage[],
  ): Promise<Redaction> {
    const redaction = new Redaction(names);
    const learn = (value: Attribute) => {
      collect(value, redaction.#values);
      return value;
    };
    const rules: Rules = { named: learn, other: (value) => value, key: (key) => key };
    // Decoded one by one, here and later: all decoded messages take ten times the memory.
    for (const span of spans) {
      redaction.#spanBy(rules, spanOf(span));
      await nextTurn();
    }
    for (const log of logs) {
      redaction.#logBy(rules, logOf(log));
      await nextTurn();
    }
    return redaction;
  }

  span(stored: StoredSpan): StoredSpan {
    return this.#spanBy(this.#rules, stored);
  }

  log(stored: StoredLog): StoredLog {
    return this.#logBy(this.#rules, stored);
  }

  /** @param fields each of which the text may be of */
  text(text: string, ...fields: readonly string[]): string {
    // A text that was cut may end within a value.
    return isCut(text) ? REDACTED : this.#text(this.#rules, text, ...fields);
  }

  #spanBy(rules: Rules, stored: StoredSpan): StoredSpan {
    const { span } = stored;
    const redacted: Span = {
      ...span,
      name: this.#text(rules, span.name, 'name', 'parent_name'),
      traceState: this.#text(rules, span.traceState, 'trace.trace_state'),
      statusMessage: this.#text(rules, span.statusMessage, 'status_message'),
      attributes: this.#attributes(rules, span.attributes),
      events: span.events.map((event) => ({
        ...event,
        name: this.#text(rules, event.name, 'name'),
        attributes: this.#attributes(rules, event.attributes),
      })),
      links: span.links.map((link) => ({
        ...link,
        traceState: this.#text(rules, link.traceState, 'trace.trace_state'),
        attributes: this.#attributes(rules, link.attributes),
      })),
    };
    return { ...this.#sourceBy(rules, stored), span: redacted };
  }

  #logBy(rules: Rules, stored: StoredLog): StoredLog {
    const { record } = stored;
    const redacted: LogRecord = {
      ...record,
      severityText: this.#text(rules, record.severityText, 'severity_text'),
      eventName: this.#text(rules, record.eventName, 'event.name'),
      body: this.#value(rules, 'body', record.body),
      attributes: this.#attributes(rules, record.attributes),
    };
    return { ...this.#sourceBy(rules, stored), record: redacted };
  }

  #sourceBy<Stored extends StoredSpan | StoredLog>(rules: Rules, stored: Stored): Stored {
    const { entityRefs, ...given } = stored.resource;
    const resource: Resource = {
      ...given,
      attributes: this.#attributes(rules, given.attributes),
      schemaUrl: this.#text(rules, given.schemaUrl, 'resource.schema_url'),
      ...(entityRefs && {
        entityRefs: entityRefs.map((ref) => ({
          ...ref,
          idKeys: ref.idKeys.map(rules.key),
          descriptionKeys: ref.descriptionKeys.map(rules.key),
        })),
      }),
    };
    const scope: Scope = {
      ...stored.scope,
      name: this.#text(rules, stored.scope.name, 'library.name'),
      version: this.#text(rules, stored.scope.version, 'library.version'),
      attributes: this.#attributes(rules, stored.scope.attributes),
      schemaUrl: this.#text(rules, stored.scope.schemaUrl, 'scope.schema_url'),
    };
    return { ...stored, resource, scope, dataset: this.#text(rules, stored.dataset, 'service.name') };
  }

  #attributes(rules: Rules, attributes: readonly Attribute[], path?: string): Attribute[] {
    return attributes.map((each) =>
      this.#value(rules, path === undefined ? each.key : `${path}.${each.key}`, each),
    );
  }

  #value(rules: Rules, path: string, attribute: Attribute): Attribute {
    const { key, kind, value } = attribute;
    if (this.#isNamed(path)) return kind === ValueKind.none ? attribute : rules.named(attribute);
    if (kind === ValueKind.map)
      return { key: rules.key(key), kind, value: this.#attributes(rules, value as Attribute[], path) };
    if (kind !== ValueKind.array) return rules.other(attribute);
    const items = (value as readonly Attribute[]).map((item) => this.#value(rules, path, item));
    return { key: rules.key(key), kind, value: items };
  }

  #text(rules: Rules, text: string, ...fields: readonly string[]): string {
    if (text === '') return text;
    const rule = fields.some((field) => this.#isNamed(field)) ? rules.named : rules.other;
    return String(rule({ key: '', kind: ValueKind.string, value: text }).value);
  }

  #isNamed(path: string): boolean {
    return isNamed(path, this.#names) || isNamed(fieldOfAttribute(path, 'string', '', 'trace'), this.#names);
  }

  #key(key: string): string {
    return CORE_FIELDS.has(key) ? key : this.#values.redact(key);
  }

  #withoutCopies(attribute: Attribute): Attribute {
    const { kind, value } = attribute;
    const key = this.#key(attribute.key);
    if (kind === ValueKind.string) return { key, kind, value: this.#values.redact(String(value)) };
    const isCopy =
      value instanceof Uint8Array
        ? textsOf(value).some((text) => this.#values.redact(text) !== text)
        : kind !== ValueKind.boolean && this.#values.has(String(value));
    return isCopy ? { key, kind: ValueKind.string, value: REDACTED } : { key, kind, value };
  }
}

function collect({ kind, value }: Attribute, values: SecretValues): void {
  if (value instanceof Uint8Array) for (const text of textsOf(value)) values.add(text);
  else if (Array.isArray(value)) for (const each of value) collect(each, values);
  else if (kind !== ValueKind.boolean && kind !== ValueKind.none) values.add(String(value));
}

/** Bytes as JSON has them, and as the text that they may be. */
function textsOf(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [buffer.toString('base64'), buffer.toString()];
}
