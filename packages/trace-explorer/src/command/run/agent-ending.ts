import { formatDuration } from '../../shared/format-duration.ts';
import { getOrMake } from '../../shared/get-or-make.ts';
import { counted, quoted } from '../../shared/words.ts';

/** A log record of an agent: the name of its event, and its attributes. */
export interface AgentEvent {
  readonly event_name?: string;
  readonly body?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Names of events begin with the agent's own name, except Claude Code's in `event.name`. */
const PREFIX = /^(?:claude_code|codex|gemini_cli)\./;

/** Events that repeat tokens which another event has. */
const REPEATED = 'gen_ai.client.inference.operation.details';

interface Tool {
  calls: number;
  milliseconds: number;
  failed: number;
}

/**
 * What an agent did, by its log records: turns, tokens, cost as the agent reports it, tools and the slowest, failures. Undefined
 * where no record is an agent's.
 */
export function agentSummary(events: readonly AgentEvent[]): string | undefined {
  const sum = { turns: 0, input: 0, output: 0, cost: 0, failures: 0 };
  const tools = new Map<string, Tool>();
  for (const { event_name, body, attributes } of events) {
    const own = (name: string) => (Object.hasOwn(attributes, name) ? attributes[name] : undefined);
    const number = (...names: readonly string[]) => {
      const value = Number(names.map(own).find((each) => each !== undefined) ?? 0);
      return Number.isFinite(value) ? value : 0;
    };
    const name = String(own('event.name') ?? event_name ?? body ?? '').replace(PREFIX, '');
    if (name === REPEATED) continue;
    sum.input += number('input_tokens', 'input_token_count');
    sum.output += number('output_tokens', 'output_token_count');
    sum.cost += number('cost_usd');
    if (name === 'user_prompt') sum.turns += 1;
    if (name === 'api_error') sum.failures += 1;
    if (name !== 'tool_result' && name !== 'tool_call') continue;
    const tool = getOrMake(tools, String(own('tool_name') ?? own('function_name') ?? 'tool'), () => ({
      calls: 0,
      milliseconds: 0,
      failed: 0,
    }));
    tool.calls += 1;
    tool.milliseconds = Math.max(tool.milliseconds, number('duration_ms'));
    if (String(own('success')) === 'false') tool.failed += 1;
  }
  const [slowest] = [...tools].toSorted(([, a], [, b]) => b.milliseconds - a.milliseconds);
  const calls = [...tools.values()].reduce((all, tool) => all + tool.calls, 0);
  const failures = [...tools.values()].reduce((all, tool) => all + tool.failed, sum.failures);
  if (sum.turns + sum.input + calls + failures === 0) return undefined;
  const parts = [
    counted(sum.turns, 'turn'),
    `${counted(sum.input, 'token')} in, ${sum.output.toLocaleString('en-US')} out`,
    ...(sum.cost > 0 ? [`$${sum.cost.toFixed(2)} as the agent reports it`] : []),
    counted(calls, 'tool call'),
    ...(slowest === undefined
      ? []
      : [`the slowest ${quoted(slowest[0])} with ${formatDuration(slowest[1].milliseconds)}`]),
    counted(failures, 'failure'),
  ];
  return `${parts.join(', ')}.`;
}
