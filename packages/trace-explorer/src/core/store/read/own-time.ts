/** Milliseconds of this process, and those in which it waited for a processor, or for the disk. */
interface Times {
  readonly own: number;
  readonly others: number;
}

/**
 * A stopwatch of this process's own time, for limits of what a request may take. The time in which the process waits for a
 * processor belongs to other programs of the machine.
 * @returns a function that answers the milliseconds since its last call, and by its first since now. `own`: of the clock, or of
 * the process's processor time where that is less; `others`: the rest of the clock
 */
export function ownTime(): () => Times {
  let [at, ran] = [performance.now(), processorMs()];
  return () => {
    const [clock, processor] = [performance.now() - at, processorMs() - ran];
    [at, ran] = [at + clock, ran + processor];
    const own = Math.min(clock, processor);
    return { own, others: clock - own };
  };
}

/** Milliseconds that all threads of this process have run. Asking takes 1 µs. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
