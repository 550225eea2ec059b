import { hash } from 'node:crypto';
import type { OtlpEncoding } from '@tandem/otlp';
import { Failure } from '../../lib/failures.ts';
import { yieldToEventLoop } from '../../lib/node/task-queue.ts';
import type { Audience, ExportOutcome, PackedBody, Sender } from './incoming-body.ts';

/** Milliseconds in which a sender that has left may repeat a body that was stored meanwhile. */
const REPEAT_MS = 60_000;
/** Stored bodies that are remembered for it. */
const MAX_REPEATS = 1000;

interface Work {
  readonly result: Promise<ExportOutcome>;
  readonly gone: AbortController;
  waiting: number;
  hasBegun: boolean;
  isDone: boolean;
}

/**
 * The bodies under way. Equal bodies are one: a sender that gives up and repeats its body waits for the first storing. Nobody
 * stores a body whose senders have all left; a storing that has begun then goes on, and answers the repeated body.
 */
export class EqualBodies {
  readonly #works = new Map<string, Work>();

  /** @param work called at once, unless an equal body is under way. @throws Failure when the sender leaves; as `work` */
  take(body: SentBody, work: (audience: Audience) => Promise<ExportOutcome>): Promise<ExportOutcome> {
    const { gone } = body.sender;
    const key = keyOf(body);
    const joined = this.#works.get(key) ?? this.#start(key, work);
    joined.waiting++;
    const { promise, resolve, reject } = Promise.withResolvers<ExportOutcome>();
    const leave = () => {
      joined.waiting--;
      reject(senderGone());
      if (joined.waiting > 0 || joined.hasBegun || joined.isDone) return;
      this.#works.delete(key);
      joined.gone.abort(senderGone());
    };
    gone.addEventListener('abort', leave, { once: true });
    const answer = async (taken: ExportOutcome) => {
      await departures();
      // Who is there now has the answer. An equal body that comes later is another one.
      if (!gone.aborted) this.#forget(key, joined);
      resolve(taken);
    };
    joined.result.then(answer, reject).finally(() => gone.removeEventListener('abort', leave));
    if (gone.aborted) leave();
    return promise;
  }

  #start(key: string, work: (audience: Audience) => Promise<ExportOutcome>): Work {
    const gone = new AbortController();
    const begin = async () => {
      await departures();
      gone.signal.throwIfAborted();
      begun.hasBegun = true;
    };
    const { promise: result, resolve, reject } = Promise.withResolvers<ExportOutcome>();
    const begun: Work = { result, gone, waiting: 0, hasBegun: false, isDone: false };
    this.#works.set(key, begun);
    const forget = () => this.#forget(key, begun);
    work({ gone: gone.signal, begin }).then(
      async (taken) => {
        begun.isDone = true;
        resolve(taken);
        await departures();
        if (begun.waiting > 0) return;
        if (this.#works.size > MAX_REPEATS) forget();
        else setTimeout(forget, REPEAT_MS).unref();
      },
      (error) => {
        begun.isDone = true;
        forget();
        reject(error);
      },
    );
    return begun;
  }

  #forget(key: string, work: Work): void {
    if (this.#works.get(key) === work) this.#works.delete(key);
  }
}

/** A look at the connections brings the end of a body, the next one that its sender left, and Node says so a turn later. */
const TURNS = 3;

/** Resolves when the event loop has seen which senders left while it was busy. */
async function departures(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await yieldToEventLoop();
}

interface SentBody extends PackedBody {
  readonly encoding: OtlpEncoding;
  readonly sender: Sender;
}

/** The same for equal bodies that go to the same place. */
function keyOf({ bytes, contentEncoding, encoding, sender }: SentBody): string {
  return [hash('sha256', bytes, 'base64'), contentEncoding, encoding, sender.address].join();
}

function senderGone(): Failure {
  return new Failure('UNREADABLE', 'the sender left before the answer');
}
