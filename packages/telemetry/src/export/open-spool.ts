import type { Logger } from '../logger.ts';
import type { SignalName } from './signal.ts';
import { Spool } from './spool.ts';
import { RefusedPathError } from './spool-files.ts';
import type { SpoolOptions } from './spool-options.ts';
import type { Losses, Tally } from './tally.ts';

/** How often an error of the file system is logged, in milliseconds. */
const LOG_EVERY_MS = 60_000;

/** Whose spool it is, and where it is said and counted what becomes of it. */
export interface SpoolOwner {
  readonly name: string;
  readonly signal: SignalName;
  readonly log: Logger;
  readonly tally: Tally;
  readonly losses: Losses;
}

/** A spool that counts and logs what becomes of it. */
export function openSpool(
  { name, signal, log, tally, losses }: SpoolOwner,
  options: Omit<SpoolOptions, 'onWritten' | 'onLost' | 'onTorn' | 'onRefused' | 'onError' | 'onAdopted'>,
): Spool {
  let loggedAt = Number.NEGATIVE_INFINITY;
  const spool: Spool = new Spool({
    ...options,
    onWritten: (items) => {
      tally.spooled += items;
    },
    onAdopted(items) {
      tally.recovered += items;
      log.info({ items }, `${signal.Items} for ${name} that another process could not send are sent now.`);
    },
    onLost: (reason, items) => losses.add(reason, items, reason === 'disk_full' ? spool.volumeSaid : ''),
    onTorn: (path, bytes) =>
      log.warn({ path, bytes }, `The last ${bytes} bytes of ${path} are torn: what is before them is sent.`),
    onRefused: ({ message }) =>
      log.warn({}, `${message}: it is left as it is. ${signal.Items} for ${name} beside it are sent.`),
    onError(error) {
      if (performance.now() - loggedAt <= LOG_EVERY_MS) return;
      loggedAt = performance.now();
      log.error(
        { err: error },
        error instanceof RefusedPathError
          ? `${error.message}: ${signal.items} for ${name} wait in memory only. Remove it, or set DATA_DIR.`
          : `${signal.Items} for ${name} cannot be kept in ${options.directory}: make it writable, or set DATA_DIR.`,
      );
    },
  });
  return spool;
}
