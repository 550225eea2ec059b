import type { Part } from '../../core/door/part.ts';

/**
 * Runs a command with telemetry switched on and shows its traces, for whoever has not set up anything yet.
 * Standard streams, signals and the exit code stay those of the command. Without it a developer installs the
 * telemetry and starts the explorer before there is a first trace.
 */
export const part: Part = { name: 'run' };
