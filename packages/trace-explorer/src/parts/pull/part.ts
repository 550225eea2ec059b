import type { Part } from '../../core/door/part.ts';

/**
 * Pulls some whole traces of a ClickHouse that the Collector writes to, for whoever has outgrown one machine: the
 * engine counts and chooses, and the file is a run for report, compare, verify and the page. Without it causes,
 * rules and sampling end where the traces leave this machine.
 */
export const part: Part = { name: 'pull' };
