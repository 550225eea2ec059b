import type { Spool } from './spool.ts';

/** How soon the items of a replica that died are adopted, in milliseconds. */
const ADOPT_EVERY_MS = 5_000;

/** What goes on until it is stopped. */
export interface Adoption {
  /** Resolves when what was there at the start is taken over. */
  readonly first: Promise<void>;
  stop(): void;
}

/**
 * Takes over what ended processes have left in the spool, now and from time to time, and then also gives room back
 * that others of the volume need.
 *
 * @param onAdopted called each time with the number of items, often 0
 */
export function adoptRegularly(
  spool: Spool,
  onAdopted: (items: number) => void,
  onError: (error: unknown) => void,
): Adoption {
  const adopt = async () => {
    try {
      onAdopted(await spool.adopt());
    } catch (error) {
      onError(error);
    }
  };
  const timer = setInterval(() => {
    void adopt();
    void spool.leaveRoom();
  }, ADOPT_EVERY_MS).unref();
  return { first: adopt(), stop: () => clearInterval(timer) };
}
