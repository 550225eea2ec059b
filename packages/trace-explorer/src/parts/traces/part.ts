import type { Part } from '../../core/door/part.ts';

/** Traces in one line each, to find one by its name, service, duration or failure. */
export const part: Part = { name: 'traces' };
