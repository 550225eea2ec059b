import type { Part } from '../../core/door/part.ts';

/** Triggers in Honeycomb's form as a gate of a pipeline, and as a tool. */
export const part: Part = { name: 'check', needs: ['causes', 'query', 'verify'] };
