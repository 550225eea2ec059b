import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    conversation: true;
  }
}

/** What an agent said, was told and called: the conversation of a trace. */
export const part: Part = {
  name: 'agents',
  needs: ['trace'],
  views: { conversation: { title: 'Conversation', ofOne: true } },
};
