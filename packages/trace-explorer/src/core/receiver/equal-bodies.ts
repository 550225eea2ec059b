import { hash } from 'node:crypto';
import type { OtlpEncoding } from '@tandem/otlp';
import { yieldToEventLoop } from '../../lib/node/task-queue.ts';
import { Failure } from '../failures.ts';
import type { Audience, ExportOutcome, PackedBody, Sender } from './incoming-body.ts';

/** Milliseconds in which an equal body is the same one: a spool sends what was under way when its process ended. */
const REPEAT_MS = 60_000;
/** Stored bodies that are remembered for it. */
const MAX_REPEATS = 1000;

interface Work {
  readonly result: Promise<ExportOutcome>;
  readonly gone: AbortController;
  waiting: number;
  hasBegun: boolean;
  /** When it was stored, a reading of `performance.now()`; undefined before. */
  storedAt: number | undefined;
}

/**
 * The bodies under way, and the last ones that were stored. Equal bodies are one: a sender that gives up and repeats its body
 * waits for the first storing, and a body that was stored is answered as before. Nobody stores a body whose senders have all left;
 * a storing that has begun then goes on.
 */
export class EqualBodies {
  readonly #works = new Map<string, Work>();
  /** The keys of those that are stored, the oldest first. */
  readonly #stored = new Set<string>();

  /** @param work called at once, unless an equal body is under way. @throws Failure when the sender leaves; as `work` */
  take(body: SentBody, work: (audience: Audience) => Promise<ExportOutcome>): Promise<ExportOutcome> {
    const { gone } = body.sender;
    const key = bodyKey(body);
    const joined = this.#known(key) ?? this.#start(key, work);
    joined.waiting++;
    const { promise, resolve, reject } = Promise.withResolvers<ExportOutcome>();
    const leave = () => {
      joined.waiting--;
      reject(senderGone());
      if (joined.waiting > 0 || joined.hasBegun || joined.storedAt !== undefined) return;
      this.#works.delete(key);
      joined.gone.abort(senderGone());
    };
    gone.addEventListener('abort', leave, { once: true });
    joined.result.then(resolve, reject).finally(() => gone.removeEventListener('abort', leave));
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
    const begun: Work = { result, gone, waiting: 0, hasBegun: false, storedAt: undefined };
    this.#works.set(key, begun);
    work({ gone: gone.signal, begin }).then(
      (taken) => {
        this.#remember(key, begun);
        resolve(taken);
      },
      (error) => {
        if (this.#works.get(key) === begun) this.#works.delete(key); // else all had left, and an equal body has come
        reject(error);
      },
    );
    return begun;
  }

  /** An equal body that is under way, or was stored within a minute. */
  #known(key: string): Work | undefined {
    const known = this.#works.get(key);
    if (known?.storedAt === undefined || performance.now() - known.storedAt < REPEAT_MS) return known;
    this.#forget(key);
    return undefined;
  }

  /** Remembers a stored body, and forgets the oldest of too many. */
  #remember(key: string, work: Work): void {
    work.storedAt = performance.now();
    this.#stored.add(key);
    const [oldest = key] = this.#stored;
    if (this.#stored.size > MAX_REPEATS) this.#forget(oldest);
  }

  #forget(key: string): void {
    this.#stored.delete(key);
    this.#works.delete(key);
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
function bodyKey({ bytes, contentEncoding, encoding, sender }: SentBody): string {
  return [hash('sha256', bytes, 'base64'), contentEncoding, encoding, sender.address].join();
}

function senderGone(): Failure {
  return new Failure('UNREADABLE', 'the sender left before the answer');
}
