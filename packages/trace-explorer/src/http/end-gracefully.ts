import closeWithGrace from 'close-with-grace';

/** Signals of a service manager, of Ctrl+C and of a closed terminal. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Why a process ends: somebody asked for it, or an error that nobody caught. */
export interface EndReason {
  readonly signal?: string;
  readonly err?: Error;
}

/**
 * Runs `end` once, when the process is asked to stop or when an error was not caught, and then exits: with 0 after a
 * signal, with 1 after an error or when `end` took longer than `limitMs`. Further signals while it runs change
 * nothing: under Ctrl+C one stop is often two of them, the terminal's and that of whoever started the process.
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
  // Left to itself, the library exits at once on a second signal. Of a rejection that nobody handles, Node makes an
  // uncaught exception, which it announces before: telemetry hears of it in the context of its request.
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
