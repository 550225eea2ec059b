/**
 * A stopwatch of this process's own time, for limits of what a request may take. While the process waits for a processor, it
 * stands: that time belongs to other programs of the machine.
 * @returns a function that answers the milliseconds since its last call, and by its first since now: of the clock, or of the
 * process's processor time where that is less
 */
export function ownTime(): () => number {
  let [at, ran] = [performance.now(), processorMs()];
  return () => {
    const [clock, processor] = [performance.now() - at, processorMs() - ran];
    [at, ran] = [at + clock, ran + processor];
    return Math.min(clock, processor);
  };
}

/** Milliseconds that all threads of this process have run. Asking takes 1 µs. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
