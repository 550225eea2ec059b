import closeWithGrace from 'close-with-grace';

/** Signals of a service manager, of Ctrl+C and of a closed terminal. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** The reason that a process ends: a signal, or an uncaught error. */
export interface EndReason {
  readonly signal?: string;
  readonly err?: Error;
}

/**
 * Runs `end` once, after a stop signal or an uncaught error, and then exits. The exit code is 0 after a signal, and 1 after
 * an error or when `end` took longer than `limitMs`. Further signals during `end` change nothing: Ctrl+C often gives two, one
 * from the terminal and one from the parent process.
 *
 * @example
 * endGracefully(9000, async ({ err }) => {
 *   if (err) logger.fatal({ err }, 'uncaught error');
 *   await server.close();
 * });
 */
export function endGracefully(limitMs: number, end: (reason: EndReason) => Promise<void>): void {
  let first: string | undefined;
  let isEnding = false;
  // By default the library exits at once on a second signal. Node turns an unhandled rejection into an uncaught exception and
  // announces the exception first: so telemetry gets it in the context of its request.
  const skip: closeWithGrace.Options['skip'] = [...STOP_SIGNALS, 'unhandledRejection'];
  const options: closeWithGrace.Options = { delay: limitMs, logger: false, skip };
  const grace = closeWithGrace(options, async ({ err, signal = first }) => {
    isEnding = true;
    await end({ ...(err && { err }), ...(signal && { signal }) });
  });
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      if (isEnding) return;
      first = signal;
      grace.close();
    });
  }
}
