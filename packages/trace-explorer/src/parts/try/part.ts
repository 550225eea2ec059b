import type { Part } from '../../core/door/part.ts';

/** Requests to the two services from the page, each with its trace: *Try it*. */
export const part: Part = { name: 'try', needs: ['trace', 'web-tracing'] };
