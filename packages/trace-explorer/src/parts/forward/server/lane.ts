import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { DestinationReport, Outcome, Signal, SpoolFile } from '@tandem/telemetry/workspace/delivery';
import { HttpExporter, Spool } from '@tandem/telemetry/workspace/delivery';
import type { Request } from './halve-body.ts';
import { halveBody } from './halve-body.ts';
import type { BodyForm } from './join-bodies.ts';
import { formOf, JOINED_BYTES, Joint, joinBodies } from './join-bodies.ts';

export interface LaneOptions {
  /** The folder of its bodies. */
  readonly directory: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: Signal;
  readonly maxBytes: number;
  readonly report: DestinationReport;
  /** Called with the failure of a request or the warning of its answer, and with undefined when one succeeds without. */
  readonly onOutcome: (said: Outcome['failure']) => void;
}

/** A claimed body of the spool, with its bytes in memory. The disk had no room for a body without a file. */
interface Kept extends Request {
  readonly file: SpoolFile | undefined;
}

/** Requests at once: with round trips of 200 ms, 80 requests a second. */
const MAX_UNDER_WAY = 16;
/**
 * Bytes in memory of bodies that are on disk and wait, and of bodies without a file. Beyond, bodies become one file each
 * megabyte, and those that the disk does not take are dropped.
 */
const MAX_RECENT_BYTES = 4 * JOINED_BYTES;
/** Time in which the exporter repeats a request, and the longest pause after a failed one, in milliseconds. */
const EXPORT_TIMEOUT_MS = 10_000;
const MAX_PAUSE_MS = 5_000;

/** The bodies of one signal and dataset on their way: on disk from the first moment, sent several at once, oldest first. */
export class Lane {
  readonly spool: Spool;
  readonly #options: LaneOptions;
  readonly #exporters = new Map<BodyForm, HttpExporter>();
  /** The newest bodies. */
  #recent: Kept[] = [];
  #recentBytes = 0;
  /** Bodies that the disk did not take, also those under way. */
  readonly #unkept = new Set<Kept>();
  /** Items of halves that have ended, of bodies that still have their file. */
  #endedOfHalves = 0;
  readonly #senders = new Set<Promise<void>>();
  #mode: 'open' | 'paused' | 'failing' | 'stopped' = 'open';

  constructor(options: LaneOptions) {
    const { directory, maxBytes, report } = options;
    this.#options = options;
    // One process has the store, and so the spool: claims of an earlier process have ended, whatever their time.
    this.spool = new Spool({ directory, maxBytes, report, claimMs: 0 });
  }

  /** Whether nothing waits and nothing is under way. */
  get isIdle(): boolean {
    return this.spool.files.length === 0 && this.#unkept.size === 0 && this.#senders.size === 0;
  }

  /** Items that have not ended. */
  get waiting(): number {
    return itemsOf([...this.spool.files, ...this.#unkept]) - this.#endedOfHalves;
  }

  /** Finds the bodies that an earlier process left. */
  async begin(): Promise<void> {
    await this.spool.tend();
    this.#pump();
  }

  /** Keeps a body on disk, or in memory where the disk has no room, and sends it when its turn comes. */
  async keep(body: Uint8Array, items: number): Promise<void> {
    const kept = await this.#hold(body, items);
    this.#options.report.counts.ended += items;
    if (kept === undefined) return;
    this.#recent.push(kept);
    if (kept.file !== undefined) {
      this.#recentBytes += body.byteLength;
      await this.#keepUnkept(this.#recent.filter(({ file }) => file === undefined));
    }
    this.#pump();
    while (this.#recentBytes > MAX_RECENT_BYTES) await this.#moveToDisk(this.#takeRecent());
  }

  /** Sends waiting bodies, where the destination takes them, and stops. All others stay on disk. */
  async stop(deadline: Promise<unknown>): Promise<void> {
    while (this.#senders.size > 0 && this.#mode === 'open')
      if (await Promise.race([deadline.then(() => true), Promise.all(this.#senders).then(() => false)]))
        break;
    this.#mode = 'stopped';
    for (const exporter of this.#exporters.values()) exporter.close();
    await this.#keepUnkept([...this.#unkept]);
    this.#options.report.lose('shutdown', itemsOf([...this.#unkept]));
    this.#unkept.clear();
    await this.spool.settled();
    this.spool.releaseSync();
  }

  #pump(): void {
    const most = { open: MAX_UNDER_WAY, failing: 1, paused: 0, stopped: 0 }[this.#mode];
    const waiting = Math.min(most, this.#recent.length + (this.spool.isEmpty ? 0 : most));
    while (this.#senders.size < waiting) {
      const sender = this.#send().finally(() => {
        this.#senders.delete(sender);
        if (!this.spool.isEmpty || this.#recent.length > 0) this.#pump();
      });
      this.#senders.add(sender);
    }
  }

  /** Sends until nothing waits. After a failure one sender is enough. */
  async #send(): Promise<void> {
    while (this.#mode === 'open' || this.#mode === 'failing') {
      const batch = await this.#next();
      if (batch.length === 0) return;
      await this.#deliver(batch);
      if (this.#mode === 'failing') return;
    }
  }

  /** The oldest bodies that fit into one request. */
  async #next(): Promise<Kept[]> {
    const batch = new Joint<Kept>();
    while (!this.spool.isEmpty) {
      const kept = await this.spool.take();
      if (kept === undefined) {
        this.#pause(); // the disk does not let the file be read now
        break;
      }
      if (batch.add({ ...kept, items: kept.file.items })) continue;
      this.spool.putBack(kept.file);
      break;
    }
    return batch.members.length > 0 ? batch.members : this.#takeRecent();
  }

  #takeRecent(): Kept[] {
    const batch = new Joint<Kept>();
    for (const kept of this.#recent) {
      if (!batch.add(kept)) break;
      if (kept.file !== undefined) this.#recentBytes -= kept.body.byteLength;
    }
    this.#recent.splice(0, batch.members.length);
    return batch.members;
  }

  /** Lets go of bodies in memory. Several small files become one. */
  async #moveToDisk(batch: readonly Kept[]): Promise<void> {
    const joined = batch.length === 1 ? undefined : await joinBodies(batch);
    const file = joined && (await this.spool.write(joined, itemsOf(batch)));
    if (file) this.spool.putBack(file);
    for (const kept of batch) file ? this.#end(kept) : this.#putBack(kept);
    this.#pump();
  }

  /** Writes a body to a file, or keeps it in memory; undefined where it counts as lost. */
  async #hold(body: Uint8Array, items: number): Promise<Kept | undefined> {
    const kept = { file: await this.spool.write(body, items), body, items };
    if (kept.file !== undefined) return kept;
    const bytes = [...this.#unkept].reduce((sum, each) => sum + each.body.byteLength, body.byteLength);
    if (bytes > MAX_RECENT_BYTES) return void this.#options.report.lose('queue_full', items);
    this.#unkept.add(kept);
    return kept;
  }

  /** Writes bodies without a file, where the disk has room again. */
  async #keepUnkept(bodies: readonly Kept[]): Promise<void> {
    for (const kept of bodies) {
      this.#recent = this.#recent.filter((each) => each !== kept); // nobody sends it meanwhile
      const file = await this.spool.write(kept.body, kept.items);
      if (file === undefined) return void this.#recent.push(kept);
      this.spool.putBack(file);
      this.#end(kept);
    }
  }

  #end(kept: Kept): void {
    if (kept.file !== undefined) this.spool.remove(kept.file);
    this.#unkept.delete(kept);
  }

  #putBack(kept: Kept, isBehind = false): void {
    if (kept.file !== undefined) this.spool.putBack(kept.file, { isBehind });
    else this.#recent.push(kept);
  }

  async #deliver(batch: readonly Kept[]): Promise<void> {
    const body = await joinBodies(batch);
    const outcome = body && (await this.#request(body, itemsOf(batch)));
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
    // A firewall may answer 403 because of a text in one body.
    for (const kept of batch)
      if (isLeft) this.#putBack(kept, outcome?.failure?.status === 403);
      else this.#end(kept);
  }

  /** Counts an outcome. @returns whether to send the bodies again */
  #settle(outcome: Outcome | undefined, items: number): boolean {
    const { report, onOutcome } = this.#options;
    if (outcome === undefined) {
      report.lose('unencodable', items);
      return false;
    }
    const { kind, failure } = outcome;
    const warning = kind === 'taken' ? outcome.warning : undefined;
    report.counts.requests[kind]++;
    if (failure !== undefined) report.failed(failure);
    if (warning !== undefined) report.warned(warning);
    onOutcome(failure ?? warning);
    if (kind === 'retry') {
      this.#pause();
      return true;
    }
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
  async #deliverHalves(first: Outcome, whole: Kept): Promise<boolean> {
    const waiting: Request[] = [whole];
    let outcome: Outcome | undefined = first;
    for (let request = waiting.pop(); request; request = waiting.pop()) {
      outcome ??= await this.#request(request.body, request.items);
      if (this.#mode === 'stopped') return true;
      const isLarge = outcome.kind === 'too-large';
      const halves = isLarge ? await halveBody(request.body, this.#options.signal.name).catch(() => []) : [];
      if (halves.length > 0) waiting.push(...halves.reverse());
      else if (!this.#settle(outcome, request.items)) this.#endedOfHalves += request.items;
      else {
        // What has ended must not be sent again: each part that is left becomes a body of its own.
        for (const left of [request, ...waiting.reverse()]) {
          const kept = await this.#hold(left.body, left.items);
          this.#endedOfHalves += left.items;
          if (kept !== undefined) this.#putBack(kept);
        }
        break;
      }
      outcome = undefined;
    }
    this.#endedOfHalves -= whole.items;
    return false;
  }

  #request(body: Uint8Array, items: number): Promise<Outcome> {
    const form = formOf(body);
    const { url, headers, signal } = this.#options;
    const exporter =
      this.#exporters.get(form) ??
      new HttpExporter(
        {
          name: 'tee',
          url,
          headers: { ...headers, ...(form === 'gzip' && { 'Content-Encoding': 'gzip' }) },
        },
        form === 'json' ? { ...signal, Exporter: OTLPTraceExporter } : signal,
        EXPORT_TIMEOUT_MS,
      );
    this.#exporters.set(form, exporter);
    return exporter.send(body, items);
  }

  /** Pauses, for a time less a random part. Then one request tries. */
  #pause(): void {
    if (this.#mode === 'paused' || this.#mode === 'stopped') return;
    this.#mode = 'paused';
    const goOn = () => {
      if (this.#mode !== 'paused') return;
      this.#mode = 'failing';
      this.#pump();
    };
    setTimeout(goOn, MAX_PAUSE_MS * (0.5 + Math.random() / 2)).unref();
  }
}

function itemsOf(bodies: readonly { readonly items: number }[]): number {
  return bodies.reduce((sum, { items }) => sum + items, 0);
}
