import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    conversation: true;
    // Of a part that it does not need.
    traces: true;
  }
}

/**
 * Shows whoever builds an agent what it said, was told and called: the conversation of a trace, and beside each
 * span of a model. `run` ends with the turns, tokens and cost of a coding agent. Without it an agent's trace is
 * a waterfall of spans, and its messages are text in their fields.
 */
export const part: Part = {
  name: 'agents',
  needs: ['run', 'trace'],
  views: { conversation: { title: 'Conversation', within: 'traces', ofOne: true } },
};
