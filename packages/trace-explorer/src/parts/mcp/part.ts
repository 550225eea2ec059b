import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    overview: true;
  }
}

/**
 * Answers agents over the Model Context Protocol with the tools of all parts, at `/mcp` and on standard input
 * and output. The protocol's package takes memory from the first request on. Without it an agent has the commands and the API, and no tool.
 */
export const part: Part = { name: 'mcp' };
