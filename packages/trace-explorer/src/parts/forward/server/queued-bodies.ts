import type { RequestPart } from '@tandem/otlp';
import type { DestinationReport, SpoolFile } from '@tandem/telemetry/workspace/delivery';
import { Spool } from '@tandem/telemetry/workspace/delivery';
import { JOINED_BYTES, Joint, joinBodies } from './join-bodies.ts';

/** A claimed body of the spool, with its bytes in memory. The disk had no room for a body without a file. */
export interface QueuedBody extends RequestPart {
  readonly file: SpoolFile | undefined;
}

export interface QueuedBodiesOptions {
  readonly directory: string;
  readonly maxBytes: number;
  readonly report: DestinationReport;
  /** Whether memory may hold so many bytes more of bodies without a file. */
  readonly hasRoom: (bytes: number) => boolean;
}

/**
 * Bytes in memory of bodies that are on disk and wait, and of bodies without a file. Beyond, bodies become one file each
 * megabyte, and those that the disk does not take are dropped.
 */
const MAX_RECENT_BYTES = 4 * JOINED_BYTES;

/** The bodies of one dataset: each in a file, the newest in memory as well, and in memory alone where the disk has no room. */
export class QueuedBodies {
  readonly spool: Spool;
  readonly #options: QueuedBodiesOptions;
  /** The newest bodies. */
  #recent: QueuedBody[] = [];
  #recentBytes = 0;
  /** Bodies that the disk did not take, also those under way. */
  readonly #unkept = new Set<QueuedBody>();

  constructor(options: QueuedBodiesOptions) {
    const { directory, maxBytes, report } = options;
    this.#options = options;
    // One process has the store, and so the spool: claims of an earlier process have ended, whatever their time.
    this.spool = new Spool({ directory, maxBytes, report, claimMs: 0 });
  }

  /** Whether nothing waits and nothing is under way. */
  get isEmpty(): boolean {
    return this.spool.files.length === 0 && this.#unkept.size === 0;
  }

  /** Items of all bodies, also those under way. */
  get items(): number {
    return itemsOf([...this.spool.files, ...this.#unkept]);
  }

  /** The number of bodies to take, where it is less than `most`. */
  atMost(most: number): number {
    return Math.min(most, this.#recent.length + (this.spool.isEmpty ? 0 : most));
  }

  /** Bytes in memory of bodies without a file. */
  get unkeptBytes(): number {
    return [...this.#unkept].reduce((sum, { body }) => sum + body.byteLength, 0);
  }

  /** Writes a body to a file, or keeps it in memory; undefined where it counts as lost. */
  async hold(body: Uint8Array, items: number): Promise<QueuedBody | undefined> {
    const kept = { file: await this.spool.write(body, items), body, items };
    if (kept.file !== undefined) return kept;
    const isFull = this.unkeptBytes + body.byteLength > MAX_RECENT_BYTES;
    if (isFull || !this.#options.hasRoom(body.byteLength))
      return void this.#options.report.lose('queue_full', items);
    this.#unkept.add(kept);
    return kept;
  }

  /** Keeps a body in memory as well, to be taken from there. The disk may have room again for those without a file. */
  async remember(kept: QueuedBody): Promise<void> {
    this.#recent.push(kept);
    if (kept.file === undefined) return;
    this.#recentBytes += kept.body.byteLength;
    await this.#keepUnkept(this.#recent.filter(({ file }) => file === undefined));
  }

  /** Lets go of bodies in memory beyond the bound. Several small files become one. */
  async tidy(): Promise<void> {
    while (this.#recentBytes > MAX_RECENT_BYTES) {
      const batch = this.#takeRecent();
      const joined = batch.length === 1 ? undefined : await joinBodies(batch);
      const file = joined && (await this.spool.write(joined, itemsOf(batch)));
      if (file) this.spool.putBack(file);
      for (const kept of batch) file ? this.end(kept) : this.putBack(kept);
    }
  }

  /** Lets go of the bodies in memory that have a file. None may be under way. */
  forget(): void {
    for (const { file } of this.#recent) if (file !== undefined) this.spool.putBack(file);
    this.#recent = this.#recent.filter(({ file }) => file === undefined);
    this.#recentBytes = 0;
  }

  /** The oldest bodies that fit into one request; undefined where the disk does not let a file be read now. */
  async next(): Promise<QueuedBody[] | undefined> {
    const batch = new Joint<QueuedBody>();
    while (!this.spool.isEmpty) {
      const kept = await this.spool.take();
      if (kept === undefined && this.spool.isEmpty) break; // another request took it
      if (kept === undefined) return batch.members.length > 0 ? batch.members : undefined;
      if (batch.add({ ...kept, items: kept.file.items })) continue;
      this.spool.putBack(kept.file);
      break;
    }
    return batch.members.length > 0 ? batch.members : this.#takeRecent();
  }

  /** A body is not to be sent again. */
  end(kept: QueuedBody): void {
    if (kept.file !== undefined) this.spool.remove(kept.file);
    this.#unkept.delete(kept);
  }

  /** A body is to be sent again. */
  putBack(kept: QueuedBody, isBehind = false): void {
    if (kept.file !== undefined) this.spool.putBack(kept.file, { isBehind });
    else this.#recent.push(kept);
  }

  /** Leaves all files to the next process. What the disk does not take now is lost. */
  async stop(): Promise<void> {
    await this.#keepUnkept([...this.#unkept]);
    this.#options.report.lose('shutdown', itemsOf([...this.#unkept]));
    this.#unkept.clear();
    await this.spool.settled();
    this.spool.releaseSync();
  }

  #takeRecent(): QueuedBody[] {
    const batch = new Joint<QueuedBody>();
    for (const kept of this.#recent) {
      if (!batch.add(kept)) break;
      if (kept.file !== undefined) this.#recentBytes -= kept.body.byteLength;
    }
    this.#recent.splice(0, batch.members.length);
    return batch.members;
  }

  /** Writes bodies without a file, where the disk has room again. */
  async #keepUnkept(bodies: readonly QueuedBody[]): Promise<void> {
    for (const kept of bodies) {
      this.#recent = this.#recent.filter((each) => each !== kept); // nobody sends it meanwhile
      const file = await this.spool.write(kept.body, kept.items);
      if (file === undefined) return void this.#recent.push(kept);
      this.spool.putBack(file);
      this.end(kept);
    }
  }
}

export function itemsOf(bodies: readonly { readonly items: number }[]): number {
  return bodies.reduce((sum, { items }) => sum + items, 0);
}
