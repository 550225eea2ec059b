import { ALIASES, firstOf, LISTS, TOOL_ALIASES } from './aliases.ts';
import { messagesOf, parsed, textOf } from './messages.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** An event of a span, or a log record, and its content: the body, or the attributes where it has no body. */
export interface SpanEvent {
  readonly name: string;
  readonly content: unknown;
}

type InAndOut<T> = { readonly input: T; readonly output: T };
type Convention = (
  attributes: Attributes,
  events: readonly SpanEvent[],
) => InAndOut<ReturnType<typeof messagesOf>>;

/** All conventions. For each side the first one with messages counts. */
const CONVENTIONS: readonly Convention[] = [
  fromMessages,
  fromEvents,
  fromLists,
  fromVercel,
  fromMlflow,
  fromTool,
];

/** The messages to a model and of a model, by the sender's convention; none where no convention fits. */
export function findMessages(attributes: Attributes, events: readonly SpanEvent[]): ReturnType<Convention> {
  const readings = CONVENTIONS.map((convention) => convention(attributes, events));
  const first = (side: keyof InAndOut<unknown>) =>
    readings.find((reading) => reading[side].length > 0)?.[side] ?? [];
  return { input: first('input'), output: first('output') };
}

/** OpenTelemetry's semantic conventions from 1.37 on. */
function fromMessages(attributes: Attributes) {
  const instructions = parsed(attributes['gen_ai.system_instructions']);
  const system = Array.isArray(instructions) ? { parts: instructions } : instructions;
  return {
    input: [...messagesOf(system, 'system'), ...messagesOf(attributes['gen_ai.input.messages'], 'input')],
    output: messagesOf(attributes['gen_ai.output.messages'], 'output'),
  };
}

/** OpenTelemetry's semantic conventions 1.28 to 1.36: an event for each message. 1.27 had one event for each side. */
function fromEvents(_attributes: Attributes, events: readonly SpanEvent[]) {
  const from = (pattern: RegExp) =>
    events.flatMap(({ name, content }) => {
      const [, role, side] = pattern.exec(name) ?? [];
      if (role !== undefined)
        return hasContent(content) ? messagesOf(content, role === 'choice' ? 'assistant' : role) : [];
      return side === undefined ? [] : messagesOf(Object(content)[`gen_ai.${side}`], 'user');
    });
  return {
    input: from(/^gen_ai\.(?:(system|user|assistant|tool)\.message|content\.(prompt))$/),
    output: from(/^gen_ai\.(?:(choice)|content\.(completion))$/),
  };
}

/** Libraries send the events without content, too, where they were not told to record it. */
function hasContent(content: unknown): boolean {
  return /"(?:content|tool_calls)":|"message":"/.test(JSON.stringify(parsed(content)) ?? '');
}

/** OpenLLMetry's and OpenInference's lists of messages: `gen_ai.prompt.0.content`; some libraries have all in one attribute. */
function fromLists(attributes: Attributes) {
  const read = (names: readonly string[], side: string) =>
    names
      .map((name) => messagesOf(listAt(attributes, name) ?? attributes[name], side))
      .find(({ length }) => length > 0) ?? [];
  return { input: read(LISTS.input, 'user'), output: read(LISTS.output, 'assistant') };
}

/** `ai.prompt.messages` and `ai.response.*` of Vercel's AI SDK; `ai.prompt` of a call's outer span; `ai.toolCall.*`. */
function fromVercel(attributes: Attributes) {
  const at = (name: string) => attributes[`ai.${name}`];
  const prompt = parsed(at('prompt'));
  const system = firstOf(prompt, ALIASES.system);
  const content = [at('response.text') ?? at('result.text'), at('response.object')].filter(Boolean);
  const answer = {
    content,
    toolCalls: at('response.toolCalls') ?? at('result.toolCalls'),
    finishReason: at('response.finishReason'),
  };
  const tool = { id: at('toolCall.id'), name: at('toolCall.name'), args: at('toolCall.args') };
  const isAnswer = content.length > 0 || answer.toolCalls !== undefined;
  return {
    input: [
      ...messagesOf(system && { content: system }, 'system'),
      ...messagesOf(asMessages(at('prompt.messages') ?? firstOf(prompt, ALIASES.messages)), 'user'),
      ...messagesOf(tool.name && { toolCalls: [tool] }, 'assistant'),
    ],
    output: [
      ...messagesOf(isAnswer ? answer : undefined, 'assistant'),
      ...messagesOf(at('toolCall.result') && { id: tool.id, content: textOf(at('toolCall.result')) }, 'tool'),
    ],
  };
}

/** A prompt that is a text alone is one message. */
function asMessages(prompt: unknown): unknown {
  return typeof prompt === 'string' && typeof parsed(prompt) === 'string' ? { content: prompt } : prompt;
}

/** `mlflow.spanInputs` and `mlflow.spanOutputs`: a function's arguments and result as JSON, mostly a provider's request and answer. */
function fromMlflow(attributes: Attributes) {
  const [request, answer] = ['mlflow.spanInputs', 'mlflow.spanOutputs'].map((name) =>
    parsed(attributes[name]),
  );
  const system = firstOf(request, ALIASES.system);
  const { candidates } = Object(answer);
  const contents = Array.isArray(candidates)
    ? candidates.map((candidate: unknown) => Object(candidate).content)
    : undefined;
  const answers = firstOf(answer, ALIASES.choices) ?? firstOf(answer, ALIASES.answers) ?? contents ?? answer;
  const nested = (value: unknown) => (Array.isArray(value) ? value.flat(Infinity) : asMessages(value));
  return {
    input: [
      ...messagesOf(system && { content: system }, 'system'),
      ...messagesOf(nested(firstOf(request, ALIASES.messages) ?? request), 'user'),
    ],
    output: messagesOf(nested(answers), 'assistant'),
  };
}

function fromTool(attributes: Attributes, events: readonly SpanEvent[]) {
  const at = (name: keyof typeof TOOL_ALIASES) => firstOf(attributes, TOOL_ALIASES[name]);
  const [kind, id, name] = [at('kind'), at('id'), at('name')];
  if (kind !== 'execute_tool' && kind !== 'TOOL' && kind !== 'tool') return { input: [], output: [] };
  const input = at('arguments');
  const event = events.find(({ name }) => name === 'tool.output');
  const result = at('result') ?? Object(event?.content).output;
  return {
    input: messagesOf(
      input === undefined ? undefined : { toolCalls: [{ id, name, arguments: input }] },
      'assistant',
    ),
    output: messagesOf(
      result === undefined ? undefined : { role: 'tool', id: id ?? name ?? '', content: textOf(result) },
      'tool',
    ),
  };
}

/** Names of more steps name no message. */
const MOST_STEPS = 20;
/** Steps of OpenInference's names that only repeat the list before them. */
const REPEATED = new Set(['message', 'message_content', 'tool_call']);

/** The list that stands in attributes `PREFIX.0.role`, `PREFIX.0.tool_calls.0.id`, …; undefined where there is none. */
function listAt(attributes: Attributes, prefix: string): unknown {
  // Without a prototype `__proto__` is a name as any other.
  const root = Object.create(null);
  for (const [name, value] of Object.entries(attributes)) {
    if (!name.startsWith(`${prefix}.`)) continue;
    const steps = name.slice(prefix.length + 1).split('.', MOST_STEPS + 1);
    if (steps.length > MOST_STEPS) continue;
    const path = steps.filter((step) => !REPEATED.has(step));
    const last = path.pop() ?? '';
    let at = root;
    for (const step of path) {
      // A value of the same name gives way.
      if (Object.getPrototypeOf(Object(at[step])) !== null) at[step] = Object.create(null);
      at = at[step];
    }
    at[last] = value;
  }
  return Object.keys(root).length === 0 ? undefined : listed(root);
}

/** Turns each map whose names are all numbers into a list, in the order of the numbers. */
function listed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  if (entries.every(([name]) => /^\d+$/.test(name))) return entries.map(([, item]) => listed(item));
  return Object.fromEntries(entries.map(([name, item]) => [name, listed(item)]));
}
