import type { Part } from '../../core/door/part.ts';

/** A span as AWS X-Ray would show it: a segment document. */
export const part: Part = { name: 'xray' };
