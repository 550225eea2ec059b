import { readFileSync } from 'node:fs';

/** Milliseconds that the kernel counts processor time in (`getconf CLK_TCK` is 100 on Linux). */
const TICK_MS = 10;
const PAGE_BYTES = 4096;

/** What processes have used so far, as Linux has it: nothing has to be asked of the processes. */
export function usageOf(pids: readonly number[]): { cpuMs: number; residentBytes: number } {
  let cpuMs = 0;
  let residentBytes = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name, which may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    cpuMs += (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    residentBytes += Number(fields[21]) * PAGE_BYTES;
  }
  return { cpuMs, residentBytes };
}
