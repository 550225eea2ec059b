/** A log record, as lists have it. */
export interface AgentRecord {
  readonly service?: string;
  readonly event_name?: string;
  readonly body?: string;
  readonly trace_id?: string;
  /** Nanoseconds since the epoch. */
  readonly time_ns?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** One step of a coding agent's work, by its log record. Times in milliseconds since the epoch. */
export interface AgentStep {
  readonly kind: 'prompt' | 'model' | 'tool' | 'decision';
  /** The model or the tool. */
  readonly name?: string;
  /** The id of the request or call, which its span may have, too. */
  readonly id?: string;
  readonly service: string;
  readonly trace_id?: string;
  readonly start: number;
  readonly end: number;
  /** Tokens in and out. */
  readonly given?: number;
  readonly made?: number;
  /** US dollars, as the agent reports it. */
  readonly cost?: number;
  /** Milliseconds until the first token. */
  readonly first?: number;
  readonly attempt?: number;
  readonly failed: boolean;
  readonly error?: string;
  /** Whether and by whom a tool was allowed. */
  readonly decision?: string;
  /** The prompt, or a tool's arguments; and the tool's result. */
  readonly input?: string;
  readonly output?: string;
}

/** The prefixes of agents' event names. Claude Code has the name alone in `event.name`. */
const PREFIX = /^(?:claude_code|codex|gemini_cli|copilot_chat)\./;
/** The event that repeats Gemini's `api_response`, and that Copilot sends alone. */
const DETAILS = 'gen_ai.client.inference.operation.details';
/** Events that tell of a step. */
const KINDS: ReadonlyMap<string, AgentStep['kind']> = new Map([
  ['user_prompt', 'prompt'],
  ['api_request', 'model'],
  ['api_response', 'model'],
  ['api_error', 'model'],
  ['sse_event', 'model'],
  ['websocket_event', 'model'],
  [DETAILS, 'model'],
  ['tool_result', 'tool'],
  ['tool_call', 'tool'],
  ['tool.call', 'tool'],
  ['tool_decision', 'decision'],
]);

/** The steps that log records of coding agents tell, each once, in the order of the records. Other records are left out. */
export function agentSteps(records: readonly AgentRecord[]): AgentStep[] {
  const told = records.flatMap((record) => {
    const event = eventOf(record);
    const step = stepOf(event, record);
    return step === undefined ? [] : [{ event, step }];
  });
  const answering = new Set(
    told.filter(({ event }) => event === 'api_response').map(({ step }) => step.service),
  );
  const done = new Set(told.flatMap(({ step: { kind, id = '' } }) => (kind === 'tool' ? [id] : [])));
  const decisions = new Map(
    told.flatMap(({ step: { kind, id, decision } }) => (kind === 'decision' ? [[id, decision]] : [])),
  );
  return told.flatMap(({ event, step }) => {
    if (event === DETAILS && answering.has(step.service)) return [];
    if (step.kind === 'decision' && step.id !== undefined && done.has(step.id)) return [];
    const decision = step.kind === 'tool' && step.id !== undefined ? decisions.get(step.id) : undefined;
    return decision === undefined ? [step] : [{ decision, ...step }];
  });
}

/** The event's name without the agent's. Rust's SDK has a line of code there, and the name in `event.name`. */
function eventOf({ event_name = '', body = '', attributes }: AgentRecord): string {
  const given = Object.hasOwn(attributes, 'event.name') ? String(attributes['event.name']) : event_name;
  return (given || body).replace(PREFIX, '');
}

function stepOf(event: string, record: AgentRecord): AgentStep | undefined {
  const kind = KINDS.get(event);
  if (kind === undefined) return undefined;
  const { attributes, service = '', trace_id, time_ns = '0' } = record;
  const text = (...names: readonly string[]) => {
    const found = names.find((name) => Object.hasOwn(attributes, name) && attributes[name] !== '');
    return found === undefined ? undefined : textOf(attributes[found]);
  };
  const number = (...names: readonly string[]) => {
    const value = Number(text(...names) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  const isCall = kind === 'model';
  const given = number('input_tokens', 'input_token_count', 'gen_ai.usage.input_tokens');
  const made = number('output_tokens', 'output_token_count', 'gen_ai.usage.output_tokens');
  const problem = text('error', 'error.message', 'error_message', 'error.type', 'error_type');
  const failed = event === 'api_error' || problem !== undefined || /^false$/i.test(text('success') ?? '');
  // The begin of a request, or a part of a streamed answer: another record has its tokens.
  if (isCall && given === undefined && made === undefined && !failed) return undefined;
  const status = text('status_code', 'http.response.status_code', 'http.status_code');
  const by = text('decision_source', 'source');
  const decision = text('decision_type', 'decision');
  const end = Number(time_ns) / 1e6;
  const step = {
    name: isCall
      ? text('gen_ai.response.model', 'gen_ai.request.model', 'model')
      : text('tool_name', 'function_name', 'gen_ai.tool.name'),
    id: isCall
      ? text('request_id', 'gen_ai.response.id')
      : text('tool_use_id', 'call_id', 'gen_ai.tool.call.id'),
    trace_id,
    given,
    made,
    cost: number('cost_usd'),
    first: number('ttft_ms', 'copilot_chat.time_to_first_token'),
    attempt: number('attempt'),
    error: failed ? [status, problem].filter(Boolean).join(' ') || undefined : undefined,
    decision: decision && `${decision}${by === undefined ? '' : ` by ${by}`}`,
    input:
      kind === 'prompt'
        ? text('prompt')
        : text('arguments', 'function_args', 'tool_input', 'tool_parameters', 'gen_ai.tool.call.arguments'),
    output: kind === 'tool' ? text('output', 'gen_ai.tool.call.result') : undefined,
  };
  const known = Object.entries(step).filter(([, value]) => value !== undefined);
  const start = end - Math.max(0, number('duration_ms') ?? 0);
  return { kind, service, start, end, failed, ...Object.fromEntries(known) };
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
