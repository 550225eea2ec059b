import { readdirSync, rmdirSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fateOf } from '@tandem/telemetry/workspace';
import { counted } from '../../../lib/text/words.ts';
import type { Target } from './target.ts';

/** A file of telemetry's spool for the explorer: the body of a request. A claimed file has the time of the claim behind it. */
const SPOOL_FILE = /[\\/]otlp(-logs)?[\\/][^\\/]+\.spans(?:\.(\d+))?$/;
/** After this time the process that has claimed a file has died, in milliseconds. */
const CLAIM_MS = 60_000;
/** Longest time for one answer, and the pause between two looks at the spool, in milliseconds. */
const TIMEOUT_MS = 10_000;
const PAUSE_MS = 500;

/** Sends the leftovers of ended processes while the command runs. @returns ends this */
export function sendWhileRunning(folder: string, target: Target): () => Promise<void> {
  const ending = new AbortController();
  const pause = { ref: false, signal: ending.signal };
  const sending = (async () => {
    while (!ending.signal.aborted) {
      await sleep(PAUSE_MS, undefined, pause).catch(() => {}); // the command has ended
      await sendLeftovers(folder, target);
    }
  })();
  return () => {
    ending.abort();
    return sending;
  };
}

/**
 * Sends the spans and log lines that processes of this command or of earlier ones left in the spool: a process writes its last
 * ones there and does not wait for an answer.
 *
 * @param ended a folder whose processes have ended, perhaps killed: their claims have ended too
 * @returns a sentence about the unsent spans; undefined where nothing is left
 */
export async function sendLeftovers(
  folder: string,
  target: Target,
  ended?: string,
): Promise<string | undefined> {
  const files = filesIn(folder, ended);
  for (const [index, { path, signal }] of files.entries()) {
    const claimed = `${path.replace(/\.\d+$/, '')}.${Date.now()}`;
    try {
      await rename(path, claimed); // fails where another process has claimed the file
    } catch {
      continue;
    }
    try {
      await send(claimed, signal, target);
      await rm(claimed);
    } catch (error) {
      await rename(claimed, claimed.replace(/\.\d+$/, '')).catch(() => {}); // its folder has gone
      const { message } = error as Error;
      return `${counted(files.length - index, 'file')} of spans could not be sent (${message}). The next run sends the files in ${folder}.`;
    }
  }
  if (ended !== undefined) removeEmpty(ended);
  return undefined;
}

/** Removes a folder with all its folders, but those that have a file. */
function removeEmpty(folder: string): void {
  try {
    for (const each of readdirSync(folder, { withFileTypes: true }))
      if (each.isDirectory()) removeEmpty(join(folder, each.name));
    rmdirSync(folder);
  } catch {} // nothing was left there, or a process that goes on has written since
}

/** Oldest first. */
function filesIn(folder: string, ended: string | undefined) {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .toSorted()
      .flatMap((name) => {
        const [isFile, isLogs, claimedAt] = SPOOL_FILE.exec(name) ?? [];
        const path = join(folder, name);
        const isClaimed = claimedAt !== undefined && Date.now() - Number(claimedAt) <= CLAIM_MS;
        const isFree = !isClaimed || (ended !== undefined && path.startsWith(ended + sep));
        return isFile && isFree ? [{ path, signal: isLogs ? 'logs' : 'traces' }] : [];
      });
  } catch {
    return []; // nothing was left
  }
}

/** @throws Error where the explorer may take the file later */
async function send(path: string, signal: string, { endpoint, token }: Target): Promise<void> {
  const { status } = await fetch(`${endpoint}/v1/${signal}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-protobuf',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: await readFile(path),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (status >= 300 && fateOf(status) === 'retry') throw new Error(`the explorer answered ${status}`);
}
