import { masked } from '../../../../core/redaction/masked.ts';
import { withoutCommands } from '../../../../lib/text/harmless-text.ts';
import { watchUnreached } from '../unreached.ts';
import type { Seen } from '../watch.ts';
import { untracedNote } from './notes.ts';
import { isTestRunner } from './test-runners.ts';
import { readUses } from './uses.ts';

/** How often `run` looks at what the command's processes wrote down, in milliseconds. */
const LOOK_MS = 500;
/** A person who has not sent a request after this time may not know what to send, in milliseconds. */
const NO_REQUEST_MS = 20_000;

/**
 * Says at once which processes of a command cannot be traced, but within the output of tests; and once how to send a request, where a server listens and nobody
 * asks it.
 * @param isForPerson whether anybody reads along
 * @returns a function that ends this and returns the said processes
 */
export function sayUntraced(
  uses: string,
  isForPerson: boolean,
  noRequestMs = NO_REQUEST_MS,
): () => ReadonlySet<string> {
  const said = new Set<string>();
  const stopWatching = watchUnreached(uses);
  let [listens, isDone] = [0, !isForPerson];
  const look = setInterval(() => {
    const seen = readUses(uses);
    if (hasTests(seen)) return; // whose runner is writing: the ending says it
    for (const note of seen.flatMap(untracedNote)) {
      if (!said.has(note)) process.stderr.write(`${withoutCommands(masked(note))}\n`);
      said.add(note);
    }
    if (isDone) return;
    const server = seen.find(({ use }) => use === 'listen');
    isDone = seen.some(({ use }) => use === 'server' || use === 'http2-server');
    if (server?.name === undefined || isDone) return;
    listens ||= performance.now();
    if (performance.now() - listens < noRequestMs) return;
    isDone = true;
    process.stderr.write(`${withoutCommands(`No request yet. Try: curl ${server.name}`)}\n`);
  }, LOOK_MS);
  return () => {
    clearInterval(look);
    stopWatching();
    return said;
  };
}

/** Whether the command runs tests, which tell their own failures. @param uses file that `watch.ts` writes to */
export function areTests(uses: string): boolean {
  return hasTests(readUses(uses));
}

function hasTests(seen: readonly Seen[]): boolean {
  return seen.some(({ use, file }) => use === 'tests' || isTestRunner(file));
}
