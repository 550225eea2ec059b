import type { OtlpLogForm } from '../../../../logs/log-detail.tsx';
import type { plainAttributes } from '../any-value.ts';
import type { OtlpForm } from '../span-forms.ts';

const FACTS = /^gen_ai\.(?:operation|provider|request\.model|response\.(?:model|finish)|usage)/;
/** The event, or log record, that may have the messages in place of the span. */
const DETAILS = 'gen_ai.client.inference.operation.details';

/** What one side said: texts, and under a title a tool's call, its result, or as JSON what has no form here. */
interface Message {
  /** Behind the role of a last message is why it ended. */
  readonly role: string;
  readonly parts: readonly { readonly title?: string; readonly text: string }[];
}

/**
 * What is known of a call of a generative model, and its messages by the semantic conventions from 1.42 on: JSON text or
 * structured values. What is no list of messages is one message, as it came.
 * @param forms log records of the span, then the span; where they differ, the last counts
 * @param plain makes values of attributes
 */
export function readConversation(forms: readonly (OtlpLogForm & OtlpForm)[], plain: typeof plainAttributes) {
  const sources = forms.flatMap(({ resourceLogs, resourceSpans }) => {
    const records = resourceLogs?.[0]?.scopeLogs?.[0]?.logRecords ?? [];
    const spans = resourceSpans?.[0]?.scopeSpans?.[0]?.spans ?? [];
    const events = spans.flatMap(({ events = [] }) => events.filter(({ name }) => name === DETAILS));
    return [...records.filter(({ eventName }) => eventName === DETAILS), ...events, ...spans];
  });
  const attributes = plain(sources.flatMap((source) => source.attributes ?? []));
  const known = Object.entries(attributes).filter(([name]) => FACTS.test(name));
  const instructions = parsed(attributes['gen_ai.system_instructions']);
  const messages = [
    ...messagesOf(Array.isArray(instructions) ? { parts: instructions } : instructions, 'system'),
    ...messagesOf(parsed(attributes['gen_ai.input.messages']), 'input'),
    ...messagesOf(parsed(attributes['gen_ai.output.messages']), 'output'),
  ];
  return {
    facts: known.map(([name, value]) => [name, [value].flat().join(', ')] as const),
    messages: messages.length > 0 ? messages : [{ role: 'Its messages were not recorded.', parts: [] }],
  };
}

function messagesOf(given: unknown, side: string): Message[] {
  return [given ?? []].flat().map((message) => {
    const { role = side, parts, finish_reason: reason } = Object(message);
    if (!Array.isArray(parts)) return { role: side, parts: [{ text: textOf(message) }] };
    return { role: textOf(role) + (reason ? `, ended by ${textOf(reason)}` : ''), parts: parts.map(partOf) };
  });
}

function partOf(part: unknown): Message['parts'][number] {
  const { type, content, id, name, arguments: given, result, response = result } = Object(part);
  if (type === 'text' && typeof content === 'string') return { text: content };
  if (type === 'tool_call') return { title: `calls ${textOf(name)} ${textOf(id)}\n`, text: textOf(given) };
  if (type === 'tool_call_response') return { title: `result of ${textOf(id)}\n`, text: textOf(response) };
  return { title: `${textOf(type)}\n`, text: textOf(part) };
}

/** The value of JSON text; any other text as it is. */
function parsed(given: unknown): unknown {
  try {
    return typeof given === 'string' && /^\s*[[{"]/.test(given) ? JSON.parse(given) : given;
  } catch {
    return given;
  }
}

/** A value as text; of structured values, and their JSON, JSON with indentation. */
function textOf(value: unknown = ''): string {
  const read = parsed(value);
  return typeof read === 'string' ? read : JSON.stringify(read, null, 2);
}
