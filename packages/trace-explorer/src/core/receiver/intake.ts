import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeLogs, encodeTraces } from '@tandem/otlp';
import { settlesWithin } from '../../lib/node/settles-within.ts';
import { TaskQueue, yieldToEventLoop } from '../../lib/node/task-queue.ts';
import { Failure, isRefused } from '../failures.ts';
import { isLogs, itemCount } from '../store/rows/request.ts';
import type { ExportRequest, Signal, SpanStore } from '../store/store.ts';
import type { ContentCoding } from './body.ts';
import {
  ByteBudget,
  codingOf,
  decompress,
  expectedBytes,
  readBody,
  receivingTooMuch,
  SMALL_BYTES,
} from './body.ts';
import { decode, inTurns, keepWhole, shiftAll } from './decode/decode-parts.ts';
import { EqualBodies } from './equal-bodies.ts';
import type { Audience, ExportOutcome, IncomingBody, PackedBody } from './incoming-body.ts';
import { NOTHING } from './incoming-body.ts';
import type { TakenBody, Tee } from './tee.ts';

export interface IntakeOptions {
  readonly store: Pick<SpanStore, 'write'>;
  /** Sends the bodies of OTLP's senders on; default: none is sent on. */
  readonly tee?: Tee | undefined;
  /** Bytes of a request after decompression; default 20 MiB. */
  readonly maxBodyBytes?: number;
  /** Bytes of bodies that arrive or wait for their turn; imported documents have as much again. Default 96 MiB. */
  readonly maxArrivingBytes?: number;
}

/** Bytes of a request after decompression, as in the Collector. */
const MAX_BODY_BYTES = 20 * 1024 * 1024;
/** An imported document may be larger by this factor: JSON of a trace that came in protobuf. */
const DOCUMENT_FACTOR = 4;
const MAX_ARRIVING_BYTES = 96 * 1024 * 1024;
/** Small bodies that are unpacked and decoded at the same time: as many as the thread pool has threads. */
const MAX_SMALL = 4;
/** Large bodies that are unpacked, decoded and stored at the same time. The small bodies need the other threads. */
const MAX_LARGE = 2;
/** Longest wait of a body for its turn, in milliseconds. */
const MAX_WAIT_MS = 60_000;
/** How long a busy store is offered a part of a large request again, in milliseconds: the first parts are stored already. */
const OFFERED_MS = 30_000;
const OFFERED_AGAIN: ReadonlySet<string> = new Set(['STORE_BUSY', 'STORE_REOPENING']);
/** The journal keeps smaller bodies unpacked: unpacking them after a restart takes longer than writing them. */
const MIN_PACKED_BYTES = 4 * 1024;
/** Milliseconds that bodies under way have when the explorer stops: they take all of its processor time. */
const FINISHING_MS = 1_000;

/**
 * The way of OTLP bodies into the store, for all receivers. It bounds the bytes in memory, and gives the event loop
 * to other tasks between the parts of a large body.
 */
export class Intake {
  /** Whether metrics came that nobody keeps. They are accepted, so that no SDK logs an error per interval. */
  hasUnkeptMetrics = false;
  readonly tee: Tee | undefined;
  /** The number of requests and calls of senders that did not send the token. */
  refusedByToken = 0;
  readonly #store: Pick<SpanStore, 'write'>;
  readonly #maxBodyBytes: number;
  readonly #arriving: ByteBudget;
  /** Documents have a room of their own: files that arrive slowly do not keep senders from sending spans. */
  readonly #importing: ByteBudget;
  readonly #small = new TaskQueue(MAX_SMALL);
  readonly #large = new TaskQueue(MAX_LARGE);
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #equal = new EqualBodies();
  /** Whether no body begins any more. */
  #isClosing = false;
  /** Aborts when those that have begun are to end. */
  readonly #ending = new AbortController();

  constructor(options: IntakeOptions) {
    this.#store = options.store;
    this.tee = options.tee;
    this.#maxBodyBytes = options.maxBodyBytes ?? MAX_BODY_BYTES;
    const maxArrivingBytes = options.maxArrivingBytes ?? MAX_ARRIVING_BYTES;
    this.#arriving = new ByteBudget(maxArrivingBytes);
    this.#importing = new ByteBudget(maxArrivingBytes);
  }

  /**
   * Reads a body, decodes it and stores its spans or log records.
   * @throws Failure; UndecodableError; LimitError; the store's errors
   */
  take(body: IncomingBody): Promise<ExportOutcome> {
    return this.#read(body, (packed, leave, audience) =>
      this.#storeAndForward(packed, { ...body, audience }, leave),
    );
  }

  /** Reads a body of metrics, and sends it on. The store keeps no metrics. @throws Failure */
  forwardMetrics(body: IncomingBody, forward: (body: TakenBody) => Promise<void>): Promise<ExportOutcome> {
    return this.#read(body, async (packed) => {
      await forward({ ...packed, encoding: body.encoding, items: 1 });
      return NOTHING;
    });
  }

  /** @param work gets the packed body, a function that gives its room back early, and who waits */
  async #read(
    body: IncomingBody,
    work: (packed: PackedBody, leave: () => void, audience?: Audience) => Promise<ExportOutcome>,
  ): Promise<ExportOutcome> {
    const { payload, announcedBytes = 0, sender } = body;
    const maxBodyBytes = this.#mostOf(body);
    if (payload === undefined) return NOTHING;
    if (this.#isClosing || announcedBytes > maxBodyBytes) {
      payload.resume();
      if (this.#isClosing) throw new Failure('STORE_CLOSED');
      throw new Failure('TOO_LARGE', `the body is larger than ${maxBodyBytes} bytes`);
    }
    const room = body.isDocument ? this.#importing : this.#arriving;
    if (!room.fits(announcedBytes)) {
      payload.resume();
      throw receivingTooMuch();
    }
    const share = room.enter();
    let isWorking = false;
    try {
      const came = await readBody(payload, maxBodyBytes, share);
      const packed = body.unframe?.(came) ?? { bytes: came, contentEncoding: body.contentEncoding };
      if (packed.bytes.byteLength === 0) return NOTHING;
      if (this.#isClosing) throw new Failure('STORE_CLOSED');
      const begin = (audience?: Audience) => {
        isWorking = true;
        return this.#track(work(packed, share.leave, audience)).finally(share.leave);
      };
      // Not awaited: a sender that waits for the result of an equal body keeps no body in memory.
      return sender === undefined
        ? begin()
        : this.#equal.take({ ...packed, encoding: body.encoding, sender }, begin);
    } finally {
      if (!isWorking) share.leave();
    }
  }

  /** Reads a body of metrics to its end. */
  async discardMetrics({ payload }: Pick<IncomingBody, 'payload'>): Promise<ExportOutcome> {
    this.hasUnkeptMetrics = true;
    if (payload !== undefined) await finished(payload.resume());
    return NOTHING;
  }

  /** Refuses bodies that arrive and wait, a second later the rest of large ones, and resolves when all others have ended. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const queue of [this.#small, this.#large]) queue.refuseWaiting(new Failure('STORE_CLOSED'));
    const isDone = await settlesWithin(Promise.allSettled(this.#underWay), FINISHING_MS);
    if (!isDone) this.#ending.abort(new Failure('STORE_CLOSED'));
    await Promise.allSettled(this.#underWay);
  }

  /** Most bytes of a body after decompression. */
  #mostOf({ isDocument = false }: IncomingBody): number {
    return isDocument ? this.#maxBodyBytes * DOCUMENT_FACTOR : this.#maxBodyBytes;
  }

  #track<T>(task: Promise<T>): Promise<T> {
    this.#underWay.add(task);
    return task.finally(() => this.#underWay.delete(task));
  }

  async #storeAndForward(packed: PackedBody, body: IncomingBody, leave: () => void): Promise<ExportOutcome> {
    const { forward, encoding } = body;
    if (forward === undefined) return this.#decodeAndStore(packed, body, leave);
    // A JSON body is sent on as protobuf. The bytes of a JSON body are gone when the last part is read.
    const encoded: Uint8Array[] = [];
    const onPart = async (part: ExportRequest) => {
      encoded.push(isLogs(part) ? encodeLogs(part) : encodeTraces(part));
      return part;
    };
    const isJson = encoding === 'json';
    const taken = await this.#decodeAndStore(packed, isJson ? { ...body, onPart } : body, () => {});
    const { accepted: items } = taken;
    const sent = isJson ? { bytes: Buffer.concat(encoded), contentEncoding: undefined } : packed;
    if (items > 0) await forward({ ...sent, encoding: 'protobuf', items });
    return taken;
  }

  /** @param onUnpacked called when the packed body is no longer needed */
  async #decodeAndStore(
    { bytes: came, contentEncoding }: PackedBody,
    body: IncomingBody,
    onUnpacked: () => void,
  ): Promise<ExportOutcome> {
    const coding = codingOf(contentEncoding);
    const parts =
      expectedBytes(came, coding) > SMALL_BYTES ? undefined : await this.#decodeSmall(came, coding, body);
    if (parts !== undefined) {
      onUnpacked();
      return this.#storeParts(shiftAll(parts), body);
    }
    return this.#large.take(async () => {
      body.audience?.gone.throwIfAborted();
      const bytes = await decompress(came, coding, this.#mostOf(body));
      onUnpacked();
      return this.#storeParts(decode(bytes, body), body);
    }, waitOf(body));
  }

  /** The parts of a small body; undefined for a body that turns out to be large. */
  #decodeSmall(
    came: Buffer,
    coding: ContentCoding | undefined,
    body: IncomingBody,
  ): Promise<ExportRequest[] | undefined> {
    return this.#small.take(async () => {
      body.audience?.gone.throwIfAborted();
      const most = Math.min(SMALL_BYTES, this.#mostOf(body));
      const bytes = await decompress(came, coding, most).catch((error) => {
        if (isRefused(error, 'TOO_LARGE')) return undefined;
        throw error;
      });
      if (bytes === undefined) return undefined;
      const decoded = await inTurns(decode(bytes, body));
      const isKeptPacked = coding === 'gzip' && bytes.byteLength >= MIN_PACKED_BYTES;
      if (body.encoding === 'protobuf') keepWhole(decoded, isKeptPacked ? came : bytes);
      return decoded;
    }, waitOf(body));
  }

  async #storeParts(parts: Iterator<ExportRequest | undefined>, body: IncomingBody): Promise<ExportOutcome> {
    let accepted = 0;
    let rejected = 0;
    const rejectedReasons = { traces: '', logs: '' };
    for (let isFirst = true; ; isFirst = false) {
      const offered = await this.#offerNext(parts, body, isFirst);
      if (offered === undefined) break;
      await offered.written;
      accepted += offered.items;
      rejected += offered.rejectedCount;
      rejectedReasons[offered.signal] = offered.rejectedReason;
    }
    const { traces, logs } = rejectedReasons;
    const reasons = new Set([traces, logs].filter((reason) => reason !== ''));
    return { accepted, rejected, rejectedReason: [...reasons].join('; ') };
  }

  /**
   * Offers the next part to the store; undefined after the last. No variable of a waiting caller holds the part: the
   * store has made the part's rows already, and the garbage collector would have to move the part's spans.
   */
  async #offerNext(
    parts: Iterator<ExportRequest | undefined>,
    { onPart, dataset, audience }: IncomingBody,
    isFirst: boolean,
  ): Promise<Offered | undefined> {
    for (;;) {
      this.#ending.signal.throwIfAborted();
      const { done, value } = parts.next();
      if (done === true) return undefined;
      if (value === undefined || !isFirst) await yieldToEventLoop();
      if (value === undefined) continue;
      const given = (await onPart?.(value)) ?? value;
      const part = dataset === undefined ? given : { ...given, dataset };
      if (isFirst) await audience?.begin();
      return {
        items: itemCount(part),
        signal: isLogs(part) ? 'logs' : 'traces',
        rejectedCount: part.rejectedCount,
        rejectedReason: part.rejectedReason,
        written: isFirst ? this.#store.write(part) : this.#offerOften(part),
      };
    }
  }

  async #offerOften(part: ExportRequest): Promise<void> {
    const { signal } = this.#ending;
    for (const end = performance.now() + OFFERED_MS; ; signal.throwIfAborted()) {
      try {
        return await this.#store.write(part);
      } catch (error) {
        const isOfferedAgain = error instanceof Failure && OFFERED_AGAIN.has(error.code);
        if (!isOfferedAgain || performance.now() >= end) throw error;
        await sleep((error.retryAfterSeconds ?? 0) * 1000, undefined, { signal }).catch(() => {});
      }
    }
  }
}

/** A body waits for its turn as long as its sender is there. */
function waitOf({ audience }: IncomingBody) {
  const deadline = { at: performance.now() + MAX_WAIT_MS };
  return audience && { deadline, signal: audience.gone, late: receivingTooMuch };
}

/** A part on its way into the store. */
interface Offered {
  readonly items: number;
  readonly signal: Signal;
  readonly rejectedCount: number;
  readonly rejectedReason: string;
  readonly written: Promise<void>;
}
