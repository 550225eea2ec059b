import type { AgentStep } from '../../../../core/traces/model/agents/agent-steps.ts';
import { MATCH_WINDOW_MS } from '../../../../core/traces/model/agents/agent-steps.ts';
import { isRefusal } from '../../../../core/traces/model/agents/tool-of.ts';
import { isCounted } from '../../../../core/traces/model/agents/usage.ts';
import type { Call, OtherTrace } from '../../../../core/traces/model/call.ts';

/**
 * The calls of the spans, with the further steps of the log records. A step that no span tells is a call of its own. A span and a
 * step are one call when they have one id; without an id on both, when they end together and have the same tool or tokens, or the
 * same model where the span tells no tokens.
 */
export function withSteps(calls: readonly Call[], steps: readonly AgentStep[]): Call[] {
  const merged = new Map(calls.map((call) => [call, call]));
  const merge = (call: Call, step: AgentStep) => merged.set(call, completed(merged.get(call) ?? call, step));
  const byId = new Map(calls.flatMap((call) => call.ids.map((id) => [id, call] as const)));
  const alone: AgentStep[] = [];
  for (const step of steps) {
    const call = byId.get(step.ids[0] ?? '');
    if (call === undefined) alone.push(step);
    else merge(call, step);
  }
  const free = calls.filter((call) => merged.get(call) === call).sort((a, b) => a.end - b.end);
  const waiting = Map.groupBy(free, (call) => `${call.ids.length > 0} ${likenessOf(call)}`);
  const own: Call[] = [];
  for (const step of alone.toSorted((a, b) => a.end - b.end)) {
    const lists = step.ids.length === 0 ? [false, true] : [false];
    let call: Call | undefined;
    for (const likeness of [likenessOf(step), modelOf(step)])
      for (const hasId of lists) call ??= nearest(waiting.get(`${hasId} ${likeness}`), step.end);
    if (call === undefined) own.push(step);
    else merge(call, step);
  }
  return [...merged.values(), ...own];
}

/** Takes the first call that ends together with a step. Calls before it have no step, because steps come in the order of time. */
function nearest(calls: Call[] | undefined, end: number): Call | undefined {
  while (calls?.[0] !== undefined && calls[0].end < end - MATCH_WINDOW_MS) calls.shift();
  return calls?.[0] !== undefined && calls[0].end <= end + MATCH_WINDOW_MS ? calls.shift() : undefined;
}

/** Equal for calls that may be one. An agent's span has the tokens of all its calls, but is none of them. */
function likenessOf(call: Call): string {
  const { tool, hasCalls, usage } = call;
  if (tool !== undefined) return `tool ${tool}`;
  return isCounted(usage) ? `${hasCalls} ${usage.tokensIn} ${usage.tokensOut}` : modelOf(call);
}

function modelOf({ hasCalls, failed, usage }: Call): string {
  return `${hasCalls} ${failed} ${usage.model}`;
}

function completed(call: Call, step: AgentStep): Call {
  const { usage, failed, problem, note = '', input, output } = step;
  const known = Object.entries(usage).filter(([, value]) => value !== undefined);
  return {
    ...call,
    usage: { ...call.usage, ...Object.fromEntries(known) },
    failed: !isRefusal(note) && (call.failed || failed),
    problem: call.problem ?? problem,
    attempt: step.attempt ?? call.attempt,
    note: [call.note, note].filter(Boolean).join(' · '),
    ...(call.input.length === 0 && { input }),
    ...(call.output.length === 0 && { output }),
  };
}

/** Tools with the other traces that began while they worked; of tools at the same time, the last one that began. */
export function withMeanwhile(
  calls: readonly Call[],
  others: readonly (OtherTrace & { readonly start: number })[],
): Call[] {
  const byTool = Map.groupBy(others, ({ start }) =>
    calls.findLast((call) => call.tool !== undefined && call.start <= start && start <= call.end),
  );
  return calls.map((call) => {
    const meanwhile = byTool.get(call);
    return meanwhile === undefined ? call : { ...call, meanwhile };
  });
}
