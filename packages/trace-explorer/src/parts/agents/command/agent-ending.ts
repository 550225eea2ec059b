import { formatDuration } from '../../../core/shared/format-duration.ts';
import { counted, quoted } from '../../../core/shared/words.ts';
import type { AgentRecord } from '../../../core/traces/model/agent-steps.ts';
import { agentSteps } from '../../../core/traces/model/agent-steps.ts';
import { usageTogether } from '../../../core/traces/model/usage.ts';

/**
 * The work of an agent, by its log records: turns, tokens, cost as the agent reports it, tools and the slowest, failures. Undefined
 * where no record is an agent's.
 */
export function agentSummary(records: readonly AgentRecord[]): string | undefined {
  const steps = agentSteps(records);
  if (steps.length === 0) return undefined;
  const { given = 0, made = 0, cost = 0 } = usageTogether(steps.map(({ usage }) => usage));
  const tools = steps.filter(({ kind }) => kind === 'tool');
  const took = ({ start, end }: (typeof steps)[number]) => end - start;
  const [slowest] = tools.toSorted((a, b) => took(b) - took(a));
  const parts = [
    counted(steps.filter(({ kind }) => kind === 'prompt').length, 'turn'),
    `${counted(given, 'token')} in, ${made.toLocaleString('en-US')} out`,
    ...(cost > 0 ? [`$${cost.toFixed(2)} as the agent reports it`] : []),
    counted(tools.length, 'tool call'),
    ...(slowest === undefined
      ? []
      : [`the slowest ${quoted(slowest.name || 'tool')} with ${formatDuration(took(slowest))}`]),
    counted(steps.filter(({ failed }) => failed).length, 'failure'),
  ];
  return `${parts.join(', ')}.`;
}
