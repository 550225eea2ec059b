import { terminalOf } from '../../../../core/command/terminal/terminal.ts';
import type { LiveCauses } from '../../../../core/door/node.ts';
import { withoutCommands } from '../../../../core/shared/harmless-text.ts';
import { searchOf } from '../../../../core/shared/search-of.ts';
import type { Causes } from '../../../causes/server/schemas.ts';
import type { Verdict } from '../../server/verdict/schemas.ts';
import { causeLine } from './verdict-text.ts';

/** How often the explorer is asked; at most one cause is said each time. */
const ASK_EVERY_MS = 10_000;
/** A person reads the first ones. */
const MOST = 5;
/** A request may take this long until its trace is whole, in seconds. */
const OVERLAP_S = 30;
/** Causes of the time before are known, in seconds. */
const BEFORE_S = 86_400;

/** Says a cause that was not there before once, at most one in ten seconds and five in all. */
export const sayNewCauses: LiveCauses = (client, run, say) => {
  const known = new Set<string>();
  const stopped = new AbortController();
  const began = Date.now() / 1000;
  let [said, isAsking, since] = [0, false, began];
  const ready = before().catch(() => {});
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

  async function before(): Promise<void> {
    const range = { start_time: began - BEFORE_S, end_time: began };
    const { causes } = await client.ask<Causes>(`/api/causes?${searchOf(range)}`, { signal: stopped.signal });
    for (const { id } of causes) known.add(id);
  }

  async function ask(): Promise<void> {
    await ready;
    const from = since - OVERLAP_S;
    since = Date.now() / 1000;
    const scope = searchOf({ run, since: String(Math.max(began, from)) });
    const { causes } = await client.ask<Verdict>(`/api/verdict?${scope}`, { signal: stopped.signal });
    const cause = causes.find(({ id }) => id !== undefined && !known.has(id));
    if (cause?.id === undefined) return;
    known.add(cause.id);
    say(withoutCommands(causeLine(cause, terminalOf(process.stderr))));
    said += 1;
    if (said === MOST) stop();
  }
};
