import { counted, listed, quoted } from '../../../lib/text/words.ts';
import { lineOfFunction } from './words.ts';

/** A process's own account of a span's own time. See `own-time.ts` of @tandem/telemetry, which writes it. */
interface OwnTime {
  readonly waited: number;
  readonly ran: readonly { readonly function: string; readonly share: number }[];
  readonly beside: number;
}

/** A smaller share of the time explains nothing. */
const LEAST_SHARE = 0.1;
/** Functions that a sentence names. */
const MOST = 2;

/** How own time goes on in a sentence, and what to do. */
interface Explained {
  readonly words: string;
  readonly advice: string;
  /** The line of the function that ran, where it ran for this span alone. */
  readonly line?: string;
}

/**
 * The functions that ran in a span's own time; undefined where the process did not say. Where other requests were open, the
 * functions may have run for them, and the sentence is about the process. A waiting event loop has run nothing of any request.
 *
 * @param json of the span's attribute, by any sender
 */
export function explainOwnTime(json: string | undefined): Explained | undefined {
  const told = readOwnTime(json);
  if (told === undefined) return undefined;
  const ran = told.ran.filter(({ share }) => share >= LEAST_SHARE).slice(0, MOST);
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  const functions = ran.map(({ function: name, share }) => `${nameOf(name)} ran for ${percent(share)}`);
  const waits = told.waited >= LEAST_SHARE ? [`the event loop waited for ${percent(told.waited)}`] : [];
  if (functions.length + waits.length === 0) return undefined;
  const isWaiting = told.waited > (ran[0]?.share ?? 0);
  const parts = listed(isWaiting ? [...waits, ...functions] : [...functions, ...waits]);
  const isAlone = told.beside === 0 || functions.length === 0;
  const words = isAlone
    ? `in them ${parts}`
    : `meanwhile, with ${counted(told.beside, 'other request')} in the process, ${parts}`;
  const advice = isWaiting
    ? 'It waited for a timer, or for a library that makes no spans: put a span around the call.'
    : 'Make the function faster, or run it in a thread: while it runs, the process answers nobody.';
  const line = isWaiting || told.beside > 0 ? undefined : lineOfFunction(ran[0]?.function);
  return { words, advice, ...(line !== undefined && { line }) };
}

/** `hashPassword (auth.js:31)` with the name as code. */
function nameOf(name: string): string {
  const [, called = name, place = ''] = /^(.*?)( \([^()]*\))?$/s.exec(name) ?? [];
  return `\`${quoted(called)}\`${place && quoted(place)}`;
}

function readOwnTime(json: string | undefined): OwnTime | undefined {
  try {
    const { waited, ran, beside }: OwnTime = JSON.parse(json ?? '');
    const isShare = (each: unknown) => typeof each === 'number' && each >= 0 && each <= 1;
    const isOwn = ran.every((each) => isShare(each.share) && typeof each.function === 'string');
    return isOwn && isShare(waited) && beside >= 0 ? { waited, ran, beside } : undefined;
  } catch {
    return undefined;
  }
}
