import { RUN_ID } from '../../../core/runs/run-fields.ts';
import type { AgentRecord } from '../../../core/traces/model/agents/agent-steps.ts';
import { agentSteps } from '../../../core/traces/model/agents/agent-steps.ts';
import { usageTogether } from '../../../core/traces/model/agents/usage.ts';
import { formatDuration } from '../../../lib/text/format-duration.ts';
import { counted, formatCount, quoted } from '../../../lib/text/words.ts';
import type { RunEnding } from '../../run/contributions.ts';

/** Most log records of an agent in the sum. */
const MOST_EVENTS = 5_000;

/** The work of an agent, by the log records that it sent. */
export const agentEnding: RunEnding = async (client, { id, since, agent, columns }) => {
  if (agent === undefined || !columns.has(RUN_ID)) return undefined;
  const filter = new URLSearchParams({ field: `${RUN_ID}=${id}`, start_time: String(Math.floor(since)) });
  const { logs, more } = await client.logs(filter, MOST_EVENTS);
  const summary = agentSummary(logs);
  const part = more ? ` (of the last ${formatCount(MOST_EVENTS)} log records)` : '';
  return summary === undefined ? undefined : { text: `${agent}${part}: ${summary}` };
};

/**
 * The work of an agent, by its log records: turns, tokens, cost as the agent reports it, tools and the slowest, failures. Undefined
 * where no record is an agent's.
 */
export function agentSummary(records: readonly AgentRecord[]): string | undefined {
  const steps = agentSteps(records);
  if (steps.length === 0) return undefined;
  const { tokensIn = 0, tokensOut = 0, cost = 0 } = usageTogether(steps.map(({ usage }) => usage));
  const tools = steps.filter(({ kind }) => kind === 'tool');
  const took = ({ start, end }: (typeof steps)[number]) => end - start;
  const [slowest] = tools.toSorted((a, b) => took(b) - took(a));
  const parts = [
    counted(steps.filter(({ kind }) => kind === 'prompt').length, 'turn'),
    `${counted(tokensIn, 'token')} in, ${tokensOut.toLocaleString('en-US')} out`,
    ...(cost > 0 ? [`$${cost.toFixed(2)} as the agent reports it`] : []),
    counted(tools.length, 'tool call'),
    ...(slowest === undefined
      ? []
      : [`the slowest ${quoted(slowest.name || 'tool')} with ${formatDuration(took(slowest))}`]),
    counted(steps.filter(({ failed }) => failed).length, 'failure'),
  ];
  return `${parts.join(', ')}.`;
}
