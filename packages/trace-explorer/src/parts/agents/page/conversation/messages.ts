import type { Message, Part } from '../../../../core/traces/model/call.ts';
import { MOST_DEPTH } from '../../../../page/values/any-value.ts';
import { ALIASES, firstOf } from './aliases.ts';

type Plain = Readonly<Record<string, unknown>>;

/**
 * Messages in the forms that libraries for models write, or in JSON of these. A value in none of these forms is one
 * message, as it came.
 * @param side the role of a message that names none
 */
export function messagesOf(value: unknown, side: string): Message[] {
  return [parsed(value) ?? []].flat().map((item) => toMessage(parsed(item), side));
}

function toMessage(item: unknown, side: string): Message {
  const { message, ...around } = mapOf(item);
  const inner = parsed(message);
  // A choice has its message inside: as an object, or its content alone.
  const fields: Plain = isMap(inner) ? { ...around, ...inner } : { content: inner, ...around };
  const { role = side } = fields;
  const [parts, calls] = [firstOf(fields, ALIASES.parts), firstOf(fields, ALIASES.calls)];
  const [id, reason] = [firstOf(fields, ALIASES.callId), firstOf(fields, ALIASES.reason)];
  const texts =
    role === 'tool' && id !== undefined && typeof parts === 'string'
      ? [resultPart(id, parts)]
      : partsOf(parts);
  const all = [...texts, ...[parsed(calls) ?? []].flat().map(callPart)];
  if (all.length === 0) return { role: side, parts: [{ text: textOf(item) }] };
  return { role: textOf(role), ...(reason ? { reason: textOf(reason) } : {}), parts: all };
}

/** A list of parts, also as JSON in one text. A person's text may be a list, too: hardly one of maps. */
function partsOf(value: unknown): Part[] {
  const list = parsed(value);
  if (Array.isArray(list) && (list === value || list.every(isMap))) return list.map(partOf);
  if (typeof value === 'string') return value === '' ? [] : [{ text: value }];
  return isMap(value) ? [partOf(value)] : [];
}

function partOf(part: unknown): Part {
  if (typeof part === 'string') return { text: part };
  const { type } = Object(part);
  const text = firstOf(part, ALIASES.text);
  const kind = textOf(type).replaceAll('-', '_');
  if ((type === undefined || /^(?:\w+_)?text$/.test(kind)) && typeof text === 'string') return { text };
  if (/^(?:reasoning|thinking)$/.test(kind) && typeof text === 'string') return { title: 'reasons\n', text };
  if (/^(?:tool_result|tool_call_response)$/.test(kind))
    return resultPart(firstOf(part, ALIASES.callId), firstOf(part, ALIASES.result));
  if (/^(?:tool_call|tool_use|function)$/.test(kind)) return callPart(part);
  return { title: `${textOf(type)}\n`, text: textOf(part) };
}

/** A call of a tool: OpenAI's form has name and arguments in `function`. */
function callPart(call: unknown): Part {
  const { function: named, ...around } = mapOf(parsed(call));
  const fields = { ...around, ...mapOf(named) };
  const at = (name: 'tool' | 'callId' | 'arguments') => textOf(firstOf(fields, ALIASES[name]));
  return { title: `calls ${at('tool')} ${at('callId')}\n`, text: at('arguments') };
}

function resultPart(id: unknown, result: unknown): Part {
  // Vercel's SDK says of a result which type it has.
  const { type, value = result } = isMap(result) ? result : {};
  return { title: `result of ${textOf(id)}\n`, text: textOf(type === undefined ? result : value) };
}

function isMap(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A map; an empty one for any other value. A text would be spread by its characters. */
function mapOf(value: unknown): Plain {
  return isMap(value) ? value : {};
}

/** The value of JSON text; any other text, and JSON of too many levels, as it is. */
export function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{"]/.test(value)) return value;
  try {
    const read: unknown = JSON.parse(value);
    return isDeeper(read, MOST_DEPTH) ? value : read;
  } catch {
    return value;
  }
}

function isDeeper(value: unknown, than: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return than === 0 || Object.values(value).some((inner) => isDeeper(inner, than - 1));
}

/** A value as text; of structured values, and their JSON, JSON with indentation. */
export function textOf(value: unknown = ''): string {
  const read = parsed(value);
  return typeof read === 'string' ? read : JSON.stringify(read, null, 2);
}
