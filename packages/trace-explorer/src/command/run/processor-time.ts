import { readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;

/**
 * Milliseconds of processor time of the children of this process that have ended, and of theirs. Undefined where the system does
 * not tell, because only Linux does.
 */
export function childrenTime(): number | undefined {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    // Behind the program's name: cutime and cstime of proc_pid_stat(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return TICK_MS * (Number(fields[13]) + Number(fields[14]));
  } catch {
    return undefined;
  }
}
