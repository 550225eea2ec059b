import { messagesOf, parsed, textOf } from './messages.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** An event of a span, or a log record, and its content: the body, or the attributes where it has no body. */
export interface Told {
  readonly name: string;
  readonly said: unknown;
}

type Sides<T> = { readonly input: T; readonly output: T };
type Convention = (attributes: Attributes, told: readonly Told[]) => Sides<ReturnType<typeof messagesOf>>;

/** All conventions. For each side the first one with messages counts. */
const CONVENTIONS: readonly Convention[] = [
  fromMessages,
  fromEvents,
  fromOpenLlmetry,
  fromOpenInference,
  fromVercel,
  fromMlflow,
  fromTool,
];

/** The messages to a model and of a model, by the sender's convention; none where no convention fits. */
export function findMessages(attributes: Attributes, told: readonly Told[]): ReturnType<Convention> {
  const found = CONVENTIONS.map((convention) => convention(attributes, told));
  const first = (side: keyof Sides<unknown>) => found.find((each) => each[side].length > 0)?.[side] ?? [];
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
function fromEvents(_attributes: Attributes, told: readonly Told[]) {
  const from = (pattern: RegExp) =>
    told.flatMap(({ name, said }) => {
      const [, role, side] = pattern.exec(name) ?? [];
      if (role !== undefined)
        return hasContent(said) ? messagesOf(said, role === 'choice' ? 'assistant' : role) : [];
      return side === undefined ? [] : messagesOf(Object(said)[`gen_ai.${side}`], 'user');
    });
  return {
    input: from(/^gen_ai\.(?:(system|user|assistant|tool)\.message|content\.(prompt))$/),
    output: from(/^gen_ai\.(?:(choice)|content\.(completion))$/),
  };
}

/** Libraries send the events without content, too, where they were not told to record it. */
function hasContent(said: unknown): boolean {
  return /"(?:content|tool_calls)":|"message":"/.test(JSON.stringify(parsed(said)) ?? '');
}

/** `gen_ai.prompt.0.content`, formerly `llm.prompts.0.content`; some libraries have all in one attribute. */
function fromOpenLlmetry(attributes: Attributes) {
  const read = (names: readonly string[], side: string) =>
    names.flatMap((name) => messagesOf(listAt(attributes, name) ?? attributes[name], side));
  return {
    input: read(['gen_ai.prompt', 'llm.prompts'], 'user'),
    output: read(['gen_ai.completion', 'llm.completions'], 'assistant'),
  };
}

/** `llm.input_messages.0.message.content` */
function fromOpenInference(attributes: Attributes) {
  return {
    input: messagesOf(listAt(attributes, 'llm.input_messages'), 'user'),
    output: messagesOf(listAt(attributes, 'llm.output_messages'), 'assistant'),
  };
}

/** `ai.prompt.messages` and `ai.response.*` of Vercel's AI SDK; `ai.prompt` of a call's outer span; `ai.toolCall.*`. */
function fromVercel(attributes: Attributes) {
  const at = (name: string) => attributes[`ai.${name}`];
  const { system, prompt, messages = prompt } = Object(parsed(at('prompt')));
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
      ...messagesOf(asMessages(at('prompt.messages') ?? messages), 'user'),
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
  const [given, answer] = [parsed(attributes['mlflow.spanInputs']), parsed(attributes['mlflow.spanOutputs'])];
  const { instructions, system = instructions, prompts, prompt = prompts } = Object(given);
  const { input = prompt, contents = input, messages = contents } = Object(given);
  const { candidates, generations, choices = generations } = Object(answer);
  const contentsOf = Array.isArray(candidates)
    ? candidates.map((each: unknown) => Object(each).content)
    : undefined;
  const { output = contentsOf, messages: said = output } = Object(answer);
  const nested = (value: unknown) => (Array.isArray(value) ? value.flat(Infinity) : asMessages(value));
  return {
    input: [
      ...messagesOf(system && { content: system }, 'system'),
      ...messagesOf(nested(messages ?? given), 'user'),
    ],
    output: messagesOf(nested(choices ?? said ?? answer), 'assistant'),
  };
}

/** A tool's own span: OpenTelemetry's `gen_ai.tool.call.*`, OpenInference's and OpenLLMetry's inputs and outputs, Claude Code's. */
function fromTool(attributes: Attributes, told: readonly Told[]) {
  const at = (...names: readonly string[]) =>
    names.map((name) => attributes[name]).find((value) => value !== undefined);
  const kind = at('gen_ai.operation.name', 'openinference.span.kind', 'traceloop.span.kind', 'span.type');
  if (kind !== 'execute_tool' && kind !== 'TOOL' && kind !== 'tool') return { input: [], output: [] };
  const [id, name] = [
    at('gen_ai.tool.call.id', 'tool_call.id', 'tool_use_id'),
    at('gen_ai.tool.name', 'tool.name', 'traceloop.entity.name', 'tool_name'),
  ];
  const given = at('gen_ai.tool.call.arguments', 'input.value', 'traceloop.entity.input', 'full_command');
  const said = Object(told.find(({ name: event }) => event === 'tool.output')?.said);
  const result = at('gen_ai.tool.call.result', 'output.value', 'traceloop.entity.output') ?? said.output;
  return {
    input: messagesOf(
      given === undefined ? undefined : { toolCalls: [{ id, name, arguments: given }] },
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
  if (entries.every(([name]) => /^\d+$/.test(name))) return entries.map(([, each]) => listed(each));
  return Object.fromEntries(entries.map(([name, each]) => [name, listed(each)]));
}
