import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';

/** Whether the trace called a generative model. */
export function hasConversation(model: TraceModel): boolean {
  for (let index = 0; index < model.count; index++) if (model.isGenerative(index)) return true;
  return false;
}
