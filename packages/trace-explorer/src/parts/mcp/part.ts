import type { Part } from '../../core/door/part.ts';

/** Answers agents over the Model Context Protocol with the tools of all parts. */
export const part: Part = { name: 'mcp' };
