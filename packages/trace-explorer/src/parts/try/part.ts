import type { Part } from '../../core/door/part.ts';

/**
 * Sends requests to the two services from the page and shows their traces, for whoever meets the pair for the
 * first time: *Try it*. Without it the first trace needs a terminal.
 */
export const part: Part = { name: 'try', needs: ['trace', 'web-tracing'] };
