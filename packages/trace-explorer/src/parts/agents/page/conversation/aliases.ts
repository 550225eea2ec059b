/** The names of one value in the forms that libraries for models write. */
export const ALIASES = {
  /** Of a request. */
  system: ['system', 'instructions'],
  messages: ['messages', 'contents', 'input', 'prompt', 'prompts'],
  /** Of an answer. */
  choices: ['choices', 'generations'],
  answers: ['messages', 'output'],
  /** Of a message. */
  parts: ['parts', 'contents', 'content'],
  calls: ['function_call', 'toolCalls', 'tool_calls'],
  reason: ['finishReason', 'finish_reason'],
  /** Of a part of a message. */
  text: ['text', 'content'],
  result: ['output', 'result', 'response'],
  /** Of a tool's call. */
  callId: ['toolCallId', 'tool_use_id', 'tool_call_id', 'id'],
  tool: ['toolName', 'name'],
  arguments: ['input', 'args', 'arguments'],
} satisfies Record<string, readonly string[]>;

/** Attributes with a list of messages: today's of OpenLLMetry, its former, OpenInference's. */
export const LISTS = {
  input: ['gen_ai.prompt', 'llm.prompts', 'llm.input_messages'],
  output: ['gen_ai.completion', 'llm.completions', 'llm.output_messages'],
} as const;

/** The names of a tool's call in the attributes of its own span: OpenTelemetry's, OpenInference's, OpenLLMetry's, Claude Code's. */
export const TOOL_ALIASES = {
  kind: ['gen_ai.operation.name', 'openinference.span.kind', 'traceloop.span.kind', 'span.type'],
  id: ['gen_ai.tool.call.id', 'tool_call.id', 'tool_use_id'],
  name: ['gen_ai.tool.name', 'tool.name', 'traceloop.entity.name', 'tool_name'],
  arguments: ['gen_ai.tool.call.arguments', 'input.value', 'traceloop.entity.input', 'full_command'],
  result: ['gen_ai.tool.call.result', 'output.value', 'traceloop.entity.output'],
} satisfies Record<string, readonly string[]>;

/** The value of the first of some names that a map has; undefined for anything but a map. */
export function firstOf(map: unknown, names: readonly string[]): unknown {
  const values: Readonly<Record<string, unknown>> = Object(map);
  const name = names.find((alias) => Object.hasOwn(values, alias) && values[alias] !== undefined);
  return name === undefined ? undefined : values[name];
}
