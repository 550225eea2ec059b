import type { RequestPart } from '@tandem/otlp';
import type { DestinationReport, Outcome, Signal } from '@tandem/telemetry/workspace/delivery';
import { isOfOneRequest } from '@tandem/telemetry/workspace/delivery';
import { BodyExporters } from './body-exporters.ts';
import { halveBody } from './halve-body.ts';
import { joinBodies } from './join-bodies.ts';
import type { QueuedBodiesOptions, QueuedBody } from './queued-bodies.ts';
import { itemsOf, QueuedBodies } from './queued-bodies.ts';

export interface DatasetQueueOptions extends QueuedBodiesOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: Signal;
  readonly report: DestinationReport;
  /** Called with the outcome of each request. */
  readonly onOutcome: (outcome: Outcome) => void;
  /** Whether another queue is to send instead, of a turn that lasts so long already, in milliseconds. */
  readonly isTurnOver: (lastsMs: number) => boolean;
  /** Called when a turn has ended: the queue sends nothing until it begins again. */
  readonly onTurnEnd: () => void;
}

/** Requests at once: with round trips of 200 ms, 80 requests a second. */
const MAX_UNDER_WAY = 16;
/** The longest pause after a failed request, in milliseconds. */
const MAX_PAUSE_MS = 5_000;

/** Requests at once. A queue waits for its turn with its bodies on disk. After a failure comes a pause, then one request. */
const REQUESTS = { waiting: 0, open: MAX_UNDER_WAY, paused: 0, failing: 1, stopped: 0 };

/** The bodies of one signal and dataset on their way: on disk from the first moment, sent several at once, oldest first. */
export class DatasetQueue {
  readonly bodies: QueuedBodies;
  readonly #options: DatasetQueueOptions;
  readonly #exporters: BodyExporters;
  /** Items of halves that have ended, of bodies that still have their file. */
  #endedOfHalves = 0;
  readonly #senders = new Set<Promise<void>>();
  #mode: keyof typeof REQUESTS = 'waiting';
  #turnBegan = 0;

  constructor(options: DatasetQueueOptions) {
    const { url, headers, signal } = options;
    this.#options = options;
    this.bodies = new QueuedBodies(options);
    this.#exporters = new BodyExporters(url, headers, signal);
  }

  /** Whether nothing waits and nothing is under way. */
  get isIdle(): boolean {
    return this.bodies.isEmpty && this.#senders.size === 0;
  }

  /** Items that have not ended. */
  get waiting(): number {
    return this.bodies.items - this.#endedOfHalves;
  }

  /** Begins a turn. @param isFailing whether one request is to try first */
  async begin(isFailing: boolean): Promise<void> {
    this.#mode = isFailing ? 'failing' : 'open';
    this.#turnBegan = performance.now();
    await this.bodies.spool.settled(); // what is being put back cannot be taken yet
    this.#pump();
  }

  /** Keeps a body on disk, or in memory where the disk has no room, and sends it when its turn comes. */
  async enqueue(body: Uint8Array, items: number): Promise<void> {
    const kept = await this.bodies.hold(body, items);
    this.#options.report.counts.ended += items;
    if (kept === undefined) return;
    if (this.#mode === 'waiting') return this.bodies.putBack(kept);
    await this.bodies.remember(kept);
    this.#pump();
    await this.bodies.tidy();
    this.#pump();
  }

  /** The requests under way that may succeed; undefined without one. */
  get underWay(): Promise<unknown> | undefined {
    return this.#senders.size > 0 && this.#mode === 'open' ? Promise.all(this.#senders) : undefined;
  }

  /** Stops. What has not been sent stays on disk. */
  async stop(): Promise<void> {
    this.#mode = 'stopped';
    this.#exporters.close();
    await this.bodies.stop();
  }

  #pump(): void {
    if (this.#isTurnOver) {
      this.#endTurn();
      return;
    }
    const atOnce = this.bodies.atMost(REQUESTS[this.#mode]);
    while (this.#senders.size < atOnce) {
      const sender = this.#send().finally(() => {
        this.#senders.delete(sender);
        this.#pump();
      });
      this.#senders.add(sender);
    }
  }

  get #isActive(): boolean {
    return this.#mode === 'open' || this.#mode === 'failing';
  }

  get #isTurnOver(): boolean {
    if (!this.#isActive) return false;
    const lastsMs = performance.now() - this.#turnBegan;
    return this.#options.isTurnOver(this.isIdle ? Number.POSITIVE_INFINITY : lastsMs);
  }

  /** Ends the turn when the last request under way has its answer. */
  #endTurn(): void {
    if (this.#senders.size > 0) return;
    this.#mode = 'waiting';
    this.#exporters.close();
    this.bodies.forget();
    this.#options.onTurnEnd();
  }

  /** Sends until nothing waits. After a failure one sender is enough. */
  async #send(): Promise<void> {
    while (this.#isActive && !this.#isTurnOver) {
      const batch = await this.bodies.next();
      if (batch === undefined) return this.#pause();
      if (batch.length === 0) return;
      await this.#deliver(batch);
      if (this.#mode === 'failing') return;
    }
  }

  async #deliver(batch: readonly QueuedBody[]): Promise<void> {
    const body = await joinBodies(batch);
    const outcome = body && (await this.#exporters.send(body, itemsOf(batch)));
    if (this.#mode === 'stopped') return;
    const isForEach = outcome === undefined || outcome.kind === 'refused' || outcome.kind === 'too-large';
    // One body must not spoil the others.
    if (isForEach && batch.length > 1) {
      for (const each of batch) await this.#deliver([each]);
      return;
    }
    const [first] = batch;
    const isLeft =
      outcome?.kind === 'too-large' && first !== undefined
        ? await this.#deliverHalves(outcome, first)
        : this.#settle(outcome, itemsOf(batch));
    for (const kept of batch)
      if (isLeft) this.bodies.putBack(kept, isOfOneRequest(outcome?.failure ?? {}));
      else this.bodies.end(kept);
  }

  /** Counts an outcome. @returns whether to send the bodies again */
  #settle(outcome: Outcome | undefined, items: number): boolean {
    const { report, onOutcome } = this.#options;
    if (outcome === undefined) {
      report.lose('unencodable', items);
      return false;
    }
    const { kind, failure } = outcome;
    report.counts.requests[kind]++;
    if (failure !== undefined) report.failed(failure);
    onOutcome(outcome);
    if (kind === 'retry') {
      this.#pause();
      return true;
    }
    if (kind === 'taken' && outcome.warning) report.warned(outcome.warning);
    const lost = kind === 'taken' ? Math.min(outcome.rejected ?? 0, items) : items;
    report.counts.exported += items - lost;
    if (lost > 0) report.lose(kind === 'too-large' ? 'too_large' : 'rejected', lost);
    if (this.#mode !== 'failing') return false;
    this.#mode = 'open';
    if (failure === undefined) report.recovered(this.#options.url);
    this.#pump();
    return false;
  }

  /** Sends a body that is too large in halves of halves. @returns whether to send the body again */
  async #deliverHalves(first: Outcome, whole: QueuedBody): Promise<boolean> {
    const waiting: RequestPart[] = [whole];
    let outcome: Outcome | undefined = first;
    for (let request = waiting.pop(); request; request = waiting.pop()) {
      outcome ??= await this.#exporters.send(request.body, request.items);
      if (this.#mode === 'stopped') return true;
      const isLarge = outcome.kind === 'too-large';
      const { name } = this.#options.signal;
      const halves = isLarge ? await halveBody(request.body, name).catch(() => []) : [];
      if (halves.length > 0) waiting.push(...halves.toReversed());
      else if (!this.#settle(outcome, request.items)) this.#endedOfHalves += request.items;
      else {
        // What has ended must not be sent again: each part that is left becomes a body of its own.
        for (const left of [request, ...waiting.reverse()]) {
          const kept = await this.bodies.hold(left.body, left.items);
          this.#endedOfHalves += left.items;
          if (kept !== undefined) this.bodies.putBack(kept);
        }
        break;
      }
      outcome = undefined;
    }
    this.#endedOfHalves -= whole.items;
    return false;
  }

  /** Pauses, for a time less a random part. Then one request tries, or another queue. */
  #pause(): void {
    if (this.#mode === 'paused' || this.#mode === 'stopped') return;
    this.#mode = 'paused';
    const goOn = () => {
      if (this.#mode !== 'paused') return;
      this.#mode = 'failing';
      this.#turnBegan = Number.NEGATIVE_INFINITY; // another queue may have what this one waits for
      this.#pump();
    };
    setTimeout(goOn, MAX_PAUSE_MS * (0.5 + Math.random() / 2)).unref();
  }
}
