import type { Attribute, LogRecord, Resource, Scope, Span } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import { yieldToEventLoop } from '../../lib/node/task-queue.ts';
import { CORE_FIELDS } from '../fields/core-fields.ts';
import { isCut } from '../fields/truncate.ts';
import type { StoredLog, StoredMessage, StoredSpan } from '../traces/read/stored-span.ts';
import { logOf, spanOf } from '../traces/read/stored-span.ts';
import { RedactedFields } from './redacted-fields.ts';
import { REDACTED, SecretValues } from './secret-values.ts';

/** Replaces the values and texts of a message. */
interface Rules {
  /** Replaces a value of a field to redact. */
  readonly named: (value: Attribute) => Attribute;
  /** Replaces a value of any other field, which is neither a map nor a list. */
  readonly other: (value: Attribute) => Attribute;
  readonly key: (key: string) => string;
}

/**
 * Redacts the values of some fields in messages, and copies of these values in all other texts. Ids, times, kinds and counts
 * are not texts and stay.
 *
 * A field is named by its path, as in a query: attributes, also in maps and lists, and the texts of OTLP that are fields, such
 * as `name` and `status_message`. A redacted value becomes a text, so that the message is still OTLP.
 */
export class Redaction {
  /** The fields, and which of their names a field has. */
  readonly fields: RedactedFields;
  readonly #values = new SecretValues();
  readonly #rules: Rules = {
    named: ({ key }) => ({ key: this.#key(key), kind: ValueKind.string, value: REDACTED }),
    other: (attribute) => this.#withoutCopies(attribute),
    key: (key) => this.#key(key),
  };

  private constructor(names: readonly string[]) {
    this.fields = new RedactedFields(names);
  }

  /**
   * Reads the values of the fields.
   * @param names see {@link RedactedFields}
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
    // Messages are decoded one by one, here and later: all of them decoded take ten times the memory.
    for (const span of spans) {
      redaction.#spanBy(rules, spanOf(span));
      await yieldToEventLoop();
    }
    for (const log of logs) {
      redaction.#logBy(rules, logOf(log));
      await yieldToEventLoop();
    }
    return redaction;
  }

  span(stored: StoredSpan): StoredSpan {
    return this.#spanBy(this.#rules, stored);
  }

  log(stored: StoredLog): StoredLog {
    return this.#logBy(this.#rules, stored);
  }

  /** @param fields names of the fields that the text may belong to */
  text(text: string, ...fields: readonly string[]): string {
    // A cut text may end within a value.
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
    if (kind === ValueKind.none) return { ...attribute, key: rules.key(key) };
    if (this.fields.has(path)) return rules.named(attribute);
    if (kind === ValueKind.map)
      return { key: rules.key(key), kind, value: this.#attributes(rules, value as Attribute[], path) };
    if (kind !== ValueKind.array) return rules.other(attribute);
    const items = (value as readonly Attribute[]).map((item) => this.#value(rules, path, item));
    return { key: rules.key(key), kind, value: items };
  }

  #text(rules: Rules, text: string, ...fields: readonly string[]): string {
    if (text === '') return text;
    const rule = fields.some((field) => this.fields.has(field)) ? rules.named : rules.other;
    return String(rule({ key: '', kind: ValueKind.string, value: text }).value);
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

/** Bytes as base64 in JSON, and as the text that they may encode. */
function textsOf(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [buffer.toString('base64'), buffer.toString()];
}
