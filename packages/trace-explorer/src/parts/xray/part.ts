import type { Part } from '../../core/door/part.ts';

/**
 * Shows a span as the segment document that AWS X-Ray would store, for teams that also send to X-Ray. Without
 * it nobody sees before sending which annotations and faults X-Ray would make of a span.
 */
export const part: Part = { name: 'xray', needs: ['trace'] };
