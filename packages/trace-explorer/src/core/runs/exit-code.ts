import { quoted } from '../../lib/text/words.ts';

/** 128 and the number of SIGHUP, SIGINT, SIGTERM: somebody ended the command. */
const ENDED_BY_SIGNAL: ReadonlySet<number> = new Set([129, 130, 143]);

/** Says that a command's program failed by itself, and what to read; nothing where it did not. */
export function failureOf({ program, exitCode }: { program: string; exitCode: number }): string {
  if (exitCode === 0 || ENDED_BY_SIGNAL.has(exitCode)) return '';
  return `${quoted(program)} ended with exit code ${exitCode}: its own lines above say why.`;
}
