import type { TraceModel } from '../trace-model.ts';

/** Fields that name the tool that an agent used. */
export const TOOL_FIELDS = ['gen_ai.tool.name', 'ai.toolCall.name', 'tool_name'] as const;

/**
 * The tool of an agent that a span's name leaves out: by the span's fields, or by those of the span above that it is a part of, as
 * `claude_code.tool.execution` is of `claude_code.tool`. The SQL of `read-places.ts` says the same.
 */
export function toolOf(model: TraceModel, index: number): string | undefined {
  const [name, up] = [model.name(index), model.parent[index] ?? -1];
  const [own, above] = [model.tool(index), up < 0 ? undefined : model.tool(up)];
  // Most spans have no tool, and their names need not be compared.
  if (own !== undefined || above === undefined) return unsaidTool(name, own);
  return name.startsWith(`${model.name(up)}.`) ? unsaidTool(name, above) : undefined;
}

/** A tool, where a name does not say it. */
export function unsaidTool(name: string, tool: string | undefined): string | undefined {
  return tool === undefined || name.includes(tool) ? undefined : tool;
}

/** Whether a decision is that a tool must not run: this is nobody's failure. */
export function isRefusal(decision = ''): boolean {
  return /^(?:reject|den(?:y|ied)|declin|abort|cancel)/i.test(decision);
}
