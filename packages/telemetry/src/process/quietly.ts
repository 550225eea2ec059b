/** Does work whose failure must change nothing of the process: an unreadable error, or a host's logger or processor that throws. */
export function quietly(work: () => void): void {
  try {
    work();
  } catch {}
}
