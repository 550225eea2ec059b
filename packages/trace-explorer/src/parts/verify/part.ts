import type { Part } from '../../core/door/part.ts';

/** Whether the telemetry of a service is right: a score by the instrumentation score's rules, and what mends each finding. */
export const part: Part = { name: 'verify', needs: ['run'] };
