import type { Part } from '../../core/door/part.ts';

/** Runs a command with telemetry switched on and shows its traces. */
export const part: Part = { name: 'run' };
