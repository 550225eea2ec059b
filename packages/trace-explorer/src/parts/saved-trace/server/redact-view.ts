import type { FieldValue } from '../../../core/fields/field-type.ts';
import { mapLogs } from '../../../core/fields/map-logs.ts';
import { cutText } from '../../../core/fields/truncate.ts';
import type { LogEntry } from '../../../core/logs/schemas.ts';
import type { Redaction } from '../../../core/redaction/redact.ts';
import { plainObject } from '../../../core/traces/forms/plain-value.ts';
import type { TraceOutline } from '../../../core/traces/model/outline.ts';
import type { FactLists, Sparse } from '../../../core/traces/model/span-facts.ts';
import { factsOfType, SPAN_FACTS } from '../../../core/traces/model/span-facts.ts';
import type { StoredLog } from '../../../core/traces/read/stored-span.ts';

/**
 * An outline with redacted texts. The names of its lists decide about their texts. Ids and numbers stay. Linked spans are left
 * out: the values that their own traces have are not known here.
 */
export function redactOutline({ linked: _, ...outline }: TraceOutline, redaction: Redaction): TraceOutline {
  const names = outline.texts.map((text) => redaction.text(text, 'name'));
  // Kinds are in the same list as names, and may equal a name.
  const kinds = [...new Set(outline.kind)];
  return {
    ...outline,
    services: outline.services.map((each) => ({ ...each, name: redaction.text(each.name, 'service.name') })),
    texts: [...names, ...kinds.map((at) => outline.texts[at] ?? '')],
    kind: outline.kind.map((at) => names.length + kinds.indexOf(at)),
    ...redactFacts(outline, redaction),
  };
}

function redactFacts(outline: TraceOutline, redaction: Redaction): FactLists {
  const lists = factsOfType('text').map((name) => {
    const { as, from } = SPAN_FACTS[name];
    const list: Sparse<string> = outline[as];
    return [as, list.map(([index, text]) => [index, redaction.text(text, ...from)] as const)];
  });
  return Object.fromEntries(lists);
}

/** A log record in one line, with the texts of the redacted record. */
export function redactEntry(entry: LogEntry, { resource, scope, record, received }: StoredLog): LogEntry {
  const fields = new Map<string, FieldValue>();
  mapLogs({ resource, scope, logRecords: [record] }, received, {
    share: (shared) => shared.forEach(({ value }, name) => void fields.set(name, value)),
    start: () => {},
    set: (name, _type, value) => fields.set(name, value),
  });
  const text = (name: string) => cutText(String(fields.get(name) ?? ''));
  return {
    ...entry,
    service: text('service.name'),
    ...(entry.severity_text !== undefined && { severity_text: text('severity_text') }),
    ...(entry.body !== undefined && { body: text('body') }),
    ...(entry.event_name !== undefined && { event_name: text('event.name') }),
    ...(!entry.partial && { attributes: plainObject(record.attributes) }),
  };
}
