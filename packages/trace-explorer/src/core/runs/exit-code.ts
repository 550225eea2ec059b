import { quoted } from '../../lib/text/words.ts';
import type { Run } from './schemas.ts';

/** 128 and the number of SIGHUP, SIGINT, SIGTERM: somebody ended the command. */
const ENDED_BY_SIGNAL: ReadonlySet<number> = new Set([129, 130, 143]);

/** What the signal of an exit code says where the program itself had no time to say anything. */
const WITHOUT_WORDS: ReadonlyMap<number, string> = new Map([
  [137, 'was killed (SIGKILL), by somebody or because memory ran out'],
  [139, 'crashed (SIGSEGV), in native code'],
]);

/** Whether a program ended so suddenly that it sent nothing more. */
export function endedSuddenly(exitCode: number): boolean {
  return WITHOUT_WORDS.has(exitCode);
}

/** Whether a program failed by itself: nobody ended it. */
function hasFailed(exitCode: number): boolean {
  return exitCode !== 0 && !ENDED_BY_SIGNAL.has(exitCode);
}

/**
 * What came of a run's tests. Only their runner saw them pass: where its command failed and no test is known to have failed, nobody
 * knows more than that they ran. A hook, a worker or a threshold failed, or the runner tells no outcomes.
 */
export function outcomeOf({
  failed,
  exit_code: exitCode = 0,
}: Pick<Run, 'failed' | 'exit_code'>): 'failed' | 'ran' | 'passed' {
  if (failed > 0) return 'failed';
  return hasFailed(exitCode) ? 'ran' : 'passed';
}

/** Says that a command's program failed by itself, and what to read; nothing where it did not. */
export function failureOf({ program, exitCode }: { program: string; exitCode: number }): string {
  if (!hasFailed(exitCode)) return '';
  const sudden = WITHOUT_WORDS.get(exitCode);
  if (sudden !== undefined)
    return `${quoted(program)} ${sudden}. Spans of its last half second may be missing.`;
  return `${quoted(program)} ended with exit code ${exitCode}: its own lines above say why.`;
}
