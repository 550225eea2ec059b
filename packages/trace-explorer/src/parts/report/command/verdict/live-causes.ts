import type { LiveCauses } from '../../../../core/command/live-causes.ts';
import { terminalOf } from '../../../../core/command/terminal/terminal.ts';
import { withOwnFiles } from '../../../../core/problems/file/own-files.ts';
import type { Causes } from '../../../../core/problems/schemas.ts';
import { maskedIn } from '../../../../core/redaction/masked.ts';
import type { Status } from '../../../../core/status.ts';
import { withoutCommands } from '../../../../lib/text/harmless-text.ts';
import { searchOf } from '../../../../lib/text/search-of.ts';
import { judgedVerdict, openVerdict } from '../../server/judged.ts';
import type { Verdict } from '../../server/verdict/schemas.ts';
import { causeLine } from './verdict-text.ts';

/** How often the explorer is asked whether spans have come, in milliseconds. */
const ASK_EVERY_MS = 2_000;
/** A person reads the first ones. */
const MOST = 3;
/** Without a run, causes of the time before are known, in seconds. */
const BEFORE_S = 86_400;

/**
 * Says the first problem of each kind once, at most three, and nothing where tests run: these tell their own failures. Of a run
 * all that it has not said; without one, what was not there before.
 */
export const sayNewCauses: LiveCauses = (client, run, say, { accepted, folder, place } = {}) => {
  const known = new Set<string>();
  const stopped = new AbortController();
  const since = run === undefined ? Date.now() / 1000 : undefined;
  let [said, isAsking, spans] = [0, false, 0];
  const ready = since === undefined ? undefined : before(since).catch(() => {});
  const look = setInterval(() => {
    if (isAsking) return;
    isAsking = true;
    ask()
      .catch(() => {}) // the explorer is busy, or has ended: the end of the run says so
      .finally(() => (isAsking = false));
  }, ASK_EVERY_MS);
  look.unref();
  return stop;

  function stop(): void {
    clearInterval(look);
    stopped.abort();
  }

  async function before(began: number): Promise<void> {
    const range = { start_time: began - BEFORE_S, end_time: began };
    const { causes } = await client.ask<Causes>(`/api/causes?${searchOf(range)}`, { signal: stopped.signal });
    for (const { id } of causes) known.add(id);
  }

  async function ask(): Promise<void> {
    await ready;
    const { signal } = stopped;
    const status = await client.ask<Status>('/api/status', { signal });
    if (status.spans === spans) return;
    const asked = {
      run,
      ...(since !== undefined && { since }),
      running: true,
      ...(accepted && { sightings: true }),
    };
    const verdict = maskedIn(await client.ask<Verdict>(`/api/verdict?${searchOf(asked)}`, { signal }));
    const facts = openVerdict(accepted ? judgedVerdict(verdict, accepted, place) : verdict);
    const { causes, tests } = withOwnFiles(facts, folder);
    ({ spans } = status); // what came meanwhile is looked at the next time
    if (tests !== undefined) return stop();
    const fresh = causes.filter(({ id, fact }) => id !== undefined && !fact && !known.has(id));
    for (const cause of fresh.slice(0, MOST - said)) {
      known.add(cause.id ?? '');
      const link = cause.trace_id === undefined ? '' : `   ${client.linkTo(cause.trace_id)}`;
      say(withoutCommands(`${causeLine(cause, terminalOf(process.stderr))}${link}`));
      said += 1;
    }
    if (said === MOST) stop();
  }
};
