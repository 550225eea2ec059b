import { plainText } from '../../../../lib/text/plain-text.ts';
import type { Call, Message } from '../call.ts';
import { isRefusal } from './tool-of.ts';
import { usageOf } from './usage.ts';

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

/** One step of a coding agent's work, by its log record. */
export interface AgentStep extends Call {
  readonly kind: 'prompt' | 'model' | 'tool' | 'decision';
}

/** A span and a log record of one call end within so many milliseconds of each other. */
export const MATCH_WINDOW_MS = 2000;

/** The prefixes of agents' event names. Claude Code has the name alone in `event.name`. */
const PREFIX = /^(?:claude_code|codex|gemini_cli|copilot_chat)\./;
/** The event that repeats Gemini's `api_response`, and that Copilot sends alone. */
const DETAILS = 'gen_ai.client.inference.operation.details';
/** Fields that name the fault. */
export const PROBLEMS = ['error', 'error.message', 'error_message', 'error.type', 'error_type'] as const;
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
  const steps = records.flatMap((record) => {
    const name = nameOf(record);
    const event = name.replace(PREFIX, '');
    const step = stepOf(event, record, name.startsWith('codex.') ? 0 : 1);
    return step === undefined ? [] : [{ event, step, id: step.ids[0] }];
  });
  const answering = new Set(
    steps.filter(({ event }) => event === 'api_response').map(({ step }) => step.service),
  );
  const done = new Set(steps.flatMap(({ step, id = '' }) => (step.kind === 'tool' ? [id] : [])));
  const decisions = new Map(
    steps.flatMap(({ step, id }) => (step.kind === 'decision' ? [[id, step.note]] : [])),
  );
  return steps.flatMap(({ event, step, id }) => {
    if (event === DETAILS && answering.has(step.service)) return [];
    if (step.kind === 'decision' && id !== undefined && done.has(id)) return [];
    const isDecided = step.kind === 'tool' && id !== undefined && step.note === undefined;
    const note = isDecided ? decisions.get(id) : step.note;
    return [{ ...step, note, ...(isRefusal(note) && { failed: false, problem: undefined }) }];
  });
}

/** The event's name. Rust's SDK has a line of code there, and the name in `event.name`. */
function nameOf({ event_name = '', body = '', attributes }: AgentRecord): string {
  const name = Object.hasOwn(attributes, 'event.name') ? plainText(attributes['event.name']) : event_name;
  return name || body;
}

/** @param firstAttempt the number that the agent gives to a first attempt */
function stepOf(event: string, record: AgentRecord, firstAttempt: number): AgentStep | undefined {
  const kind = KINDS.get(event);
  if (kind === undefined) return undefined;
  const { attributes, service = '', trace_id: traceId = '', time_ns = '0' } = record;
  const known = new Map(
    Object.entries(attributes).flatMap(([name, value]) => (value === '' ? [] : [[name, plainText(value)]])),
  );
  const text = (...names: readonly string[]) => {
    const first = names.find((name) => known.has(name));
    return first === undefined ? undefined : known.get(first);
  };
  const isCall = kind === 'model';
  const usage = usageOf(isCall ? [...known] : []);
  const said = text(...PROBLEMS);
  const failed = event === 'api_error' || said !== undefined || /^false$/i.test(text('success') ?? '');
  // The begin of a request, or a part of a streamed answer: another record has its tokens.
  if (isCall && usage.tokensIn === undefined && usage.tokensOut === undefined && !failed) return undefined;
  const status = text('status_code', 'http.response.status_code', 'http.status_code');
  const tool = text('tool_name', 'function_name', 'gen_ai.tool.name') ?? '';
  const id = isCall
    ? text('request_id', 'gen_ai.response.id')
    : text('tool_use_id', 'call_id', 'gen_ai.tool.call.id');
  const input = text(
    'arguments',
    'function_args',
    'tool_input',
    'tool_parameters',
    'gen_ai.tool.call.arguments',
  );
  const by = text('decision_source', 'source');
  const decision = text('decision_type', 'decision');
  const attempt = text('attempt');
  const end = Number(time_ns) / 1e6;
  const name = { prompt: 'Prompt', model: usage.model ?? '', tool, decision: `Asked for ${tool}` }[kind];
  return {
    kind,
    traceId,
    spanId: '',
    name,
    service,
    failed,
    problem: failed ? [status, said].filter(Boolean).join(' ') || undefined : undefined,
    attempt: attempt === undefined ? undefined : Number(attempt) - firstAttempt + 1,
    tool: kind === 'tool' ? tool : undefined,
    ids: id === undefined ? [] : [id],
    usage,
    start: end - Math.max(0, Number(text('duration_ms')) || 0),
    end,
    hasCalls: false,
    unread: [],
    input:
      kind === 'prompt'
        ? messageOf('user', text('prompt'))
        : messageOf('assistant', input, `calls ${name}\n`),
    output: kind === 'tool' ? messageOf('tool', text('output', 'gen_ai.tool.call.result'), 'result\n') : [],
    note: decision && `${decision}${by === undefined ? '' : ` by ${by}`}`,
  };
}

function messageOf(role: string, text: string | undefined, title?: string): Message[] {
  return text === undefined ? [] : [{ role, parts: [{ ...(title && { title }), text }] }];
}
