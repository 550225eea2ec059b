import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import type { SpanTab } from '../../trace/page/state/contributions.ts';

/** What a trace's span shows of its conversation. A saved page has it as well. */
export const spanTabs: readonly SpanTab[] = [
  {
    states: ['genai'],
    label: () => 'Conversation',
    // A call of a model; and the trace's root, where the conversation of the whole trace is read.
    isFor: ({ model, selected }) =>
      model.isGenerative(selected) || (selected === 0 && hasConversation(model)),
    Content: () => import('./panel/conversation-tab.tsx'),
  },
];

/** Whether the trace called a generative model. */
export function hasConversation(model: TraceModel): boolean {
  for (let index = 0; index < model.count; index++) if (model.isGenerative(index)) return true;
  return false;
}
