import type { Message, Part } from '../../../../core/traces/model/call.ts';
import { MOST_DEPTH } from '../../../../page/values/any-value.ts';

type Plain = Readonly<Record<string, unknown>>;

/**
 * Messages in the forms that libraries for models write, or in JSON of these. A value in none of these forms is one
 * message, as it came.
 * @param side the role of a message that names none
 */
export function messagesOf(given: unknown, side: string): Message[] {
  return [parsed(given) ?? []].flat().map((item) => toMessage(parsed(item), side));
}

function toMessage(given: unknown, side: string): Message {
  const { message, ...around } = mapOf(given);
  const inner = parsed(message);
  // A choice has its message inside: as an object, or its content alone.
  const said: Plain = isMap(inner) ? { ...around, ...inner } : { content: inner, ...around };
  const {
    role = side,
    finish_reason,
    finishReason = finish_reason,
    tool_calls,
    toolCalls = tool_calls,
  } = said;
  const { parts = said.contents ?? said.content, function_call: calls = toolCalls } = said;
  const id = said.tool_call_id ?? said.id;
  const texts =
    role === 'tool' && id !== undefined && typeof parts === 'string'
      ? [resultPart(id, parts)]
      : partsOf(parts);
  const all = [...texts, ...[parsed(calls) ?? []].flat().map(callPart)];
  if (all.length === 0) return { role: side, parts: [{ text: textOf(given) }] };
  return { role: textOf(role), ...(finishReason ? { reason: textOf(finishReason) } : {}), parts: all };
}

/** A list of parts, also as JSON in one text. A person's text may be a list, too: hardly one of maps. */
function partsOf(given: unknown): Part[] {
  const list = parsed(given);
  if (Array.isArray(list) && (list === given || list.every(isMap))) return list.map(partOf);
  if (typeof given === 'string') return given === '' ? [] : [{ text: given }];
  return isMap(given) ? [partOf(given)] : [];
}

function partOf(part: unknown): Part {
  if (typeof part === 'string') return { text: part };
  const { type, content, text = content, response, result = response, output = result } = Object(part);
  const kind = textOf(type).replaceAll('-', '_');
  if ((type === undefined || /^(?:\w+_)?text$/.test(kind)) && typeof text === 'string') return { text };
  if (/^(?:reasoning|thinking)$/.test(kind) && typeof text === 'string') return { title: 'reasons\n', text };
  const { id, tool_call_id = id, tool_use_id = tool_call_id, toolCallId = tool_use_id } = Object(part);
  if (/^(?:tool_result|tool_call_response)$/.test(kind)) return resultPart(toolCallId, output);
  if (/^(?:tool_call|tool_use|function)$/.test(kind)) return callPart(part);
  return { title: `${textOf(type)}\n`, text: textOf(part) };
}

/** A call of a tool: OpenAI's form has name and arguments in `function`. */
function callPart(call: unknown): Part {
  const { function: named, ...around } = mapOf(parsed(call));
  const {
    id,
    toolCallId = id,
    name,
    toolName = name,
    arguments: given,
    args = given,
    input = args,
  } = {
    ...around,
    ...mapOf(named),
  };
  return { title: `calls ${textOf(toolName)} ${textOf(toolCallId)}\n`, text: textOf(input) };
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
export function parsed(given: unknown): unknown {
  if (typeof given !== 'string' || !/^\s*[[{"]/.test(given)) return given;
  try {
    const read: unknown = JSON.parse(given);
    return isDeeper(read, MOST_DEPTH) ? given : read;
  } catch {
    return given;
  }
}

function isDeeper(value: unknown, than: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return than === 0 || Object.values(value).some((each) => isDeeper(each, than - 1));
}

/** A value as text; of structured values, and their JSON, JSON with indentation. */
export function textOf(value: unknown = ''): string {
  const read = parsed(value);
  return typeof read === 'string' ? read : JSON.stringify(read, null, 2);
}
