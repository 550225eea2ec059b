import { stopWithLaunchers } from './launchers.ts';
import type { Part } from './run-part.ts';
import { supervise } from './supervise.ts';

/**
 * Runs parts until an interrupt, until the launcher of this process (`npm`, `pnpm`, `npx`) is gone, or until one of them
 * ends for good, which ends all with its exit code. Resolves when all are ready and the text is printed.
 *
 * @param text what to say when all are ready
 * @param asText a line of a part as people read it
 */
export async function runParts(
  parts: readonly Part[],
  text: string | Promise<string>,
  asText: (line: string) => string,
): Promise<void> {
  const supervisor = supervise(parts, (prefix, line) => process.stdout.write(`${prefix}${asText(line)}\n`));
  let stopped: Promise<never> | undefined;
  const stop = (code: number) => {
    stopped ??= supervisor.stop().then(() => process.exit(code));
    return stopped;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0));
  stopWithLaunchers(() => stop(0));
  void supervisor.ended.then(({ name, code, how }) => {
    if (stopped === undefined) process.stderr.write(`\n${name} ended (${how}), and all end with it.\n`);
    return stop(code);
  });

  try {
    const [said] = await Promise.all([text, supervisor.ready]);
    process.stdout.write(said);
  } catch (error) {
    if (stopped === undefined)
      process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    await stop(1);
  }
}
