import type { Part } from '../../core/door/part.ts';

/** What an agent said, was told and called: the conversation of a trace. */
export const part: Part = { name: 'agents', needs: ['trace'] };
