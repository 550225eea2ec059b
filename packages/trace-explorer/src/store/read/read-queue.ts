import type { Deadline } from '../../shared/deadline.ts';
import type { ChooseTurn, Turn } from '../../shared/turns.ts';
import { Turns } from '../../shared/turns.ts';

/** Statements that run at the same time. Each holds one of libuv's threads. Short statements never wait for scans. */
const [SCANS, SHORT] = [2, 2];

/**
 * What a statement asks of the queue. `short`: about one trace or span. `large`: may take much of DuckDB's memory, so that
 * one runs at a time. `alone`: no scan runs beside it, because it had too little memory beside others.
 */
export interface Asked {
  readonly size: 'short' | 'scan' | 'large' | 'alone';
  /** Stands for the request: all its statements have one deadline. */
  readonly request?: Deadline | undefined;
}

/**
 * The one queue of all statements: short ones first, then those whose request has waited longest, less the time that its
 * statements have run. So a request of dozens of statements lets others pass, and still ends.
 */
export class ReadQueue extends Turns<Asked> {
  readonly #used: WeakMap<Deadline, number>;

  constructor() {
    const used = new WeakMap<Deadline, number>();
    super(choiceBy(used));
    this.#used = used;
  }

  /** Notes the milliseconds that a statement of a request has run. */
  note(request: Deadline | undefined, ms: number): void {
    if (request !== undefined) this.#used.set(request, ms + (this.#used.get(request) ?? 0));
  }
}

function choiceBy(used: WeakMap<Deadline, number>): ChooseTurn<Asked> {
  const rank = ({ about: { request }, since }: Turn<Asked>) =>
    since + (request === undefined ? 0 : (used.get(request) ?? 0));
  const isShort = ({ size }: Asked) => size === 'short';
  const isAlone = ({ size }: Asked) => size === 'alone';
  return (waiting, running) => {
    const scans = running.filter((each) => !isShort(each));
    if (running.length - scans.length < SHORT) {
      const short = waiting.find(({ about }) => isShort(about));
      if (short !== undefined) return short;
    }
    if (scans.length >= SCANS || scans.some(isAlone)) return undefined;
    const isLargeRunning = scans.some(({ size }) => size === 'large');
    const [first] = waiting
      .filter(({ about }) => !isShort(about) && !(isLargeRunning && about.size === 'large'))
      .sort((a, b) => rank(a) - rank(b));
    // Nothing passes a statement that has to be alone: it would wait for ever.
    return first !== undefined && isAlone(first.about) && scans.length > 0 ? undefined : first;
  };
}

/** As many statements as run at the same time. */
export const CONNECTIONS = SCANS + SHORT;
