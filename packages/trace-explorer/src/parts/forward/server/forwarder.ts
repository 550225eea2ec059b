import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LossReason } from '@tandem/telemetry';
import type { Outcome, Signal } from '@tandem/telemetry/workspace/delivery';
import { DestinationReport, explainExportFailure } from '@tandem/telemetry/workspace/delivery';
import type { FastifyBaseLogger } from 'fastify';
import type { ForwardStatus } from '../status.ts';
import { datasetsIn, folderOf } from './dataset-folder.ts';
import { DatasetQueue } from './dataset-queue.ts';

/** The header of a body that an explorer has sent on. */
export const MARK_HEADER = 'tandem-forwarded';

export interface ForwarderOptions {
  readonly name: string;
  readonly signal: Signal;
  /** With the path of the signal. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Values that no message may show. */
  readonly secrets: readonly string[];
  /** The signal's folder; a folder in it for each dataset. */
  readonly directory: string;
  readonly maxBytes: number;
  readonly logger: FastifyBaseLogger;
}

/** Datasets whose bodies travel at a time. Those of others wait on disk for their turn. */
const MAX_ACTIVE = 32;
/** Milliseconds after which a dataset leaves its turn to one that waits. */
const TURN_MS = 5_000;
/** Bytes in memory of bodies that the disk did not take, of all datasets. */
const MAX_UNKEPT_BYTES = 128 * 1024 * 1024;
/** A file takes at least a block of the disk. */
const MIN_FILE_BYTES = 4096;

/** The mend by a person, where telemetry's sentences name telemetry's variables. */
const TODOS = {
  unauthorized:
    'Check EXPLORER_FORWARD_HEADERS, or HONEYCOMB_API_KEY and HONEYCOMB_API_ENDPOINT (the EU has its own).',
  'not-found': 'EXPLORER_FORWARD is a base URL that /v1/traces, /v1/logs and /v1/metrics are added to.',
  'traces-only': 'This address takes no such data. The traces arrive.',
  'wrong-form': 'EXPLORER_FORWARD needs an OTLP/HTTP receiver of protobuf that takes gzip.',
  rejected: 'EXPLORER_FORWARD needs an OTLP/HTTP receiver of protobuf.',
  redirected: 'Set EXPLORER_FORWARD to the final address (often https:// for http://).',
  'web-page':
    'EXPLORER_FORWARD needs the address of an OTLP/HTTP receiver, with the headers that it asks for.',
  'too-large': 'A single span or log record is larger than this address takes.',
  overloaded: 'Waiting data goes out later.',
  timeout: 'Waiting data goes out later.',
  unreachable: 'Check the address in EXPLORER_FORWARD. Waiting data goes out later.',
} as const;

/** Sends on the bodies of one signal. Its queues share the room on disk, and take turns. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #report: DestinationReport;
  /** The queues that have bodies, and those that have a turn, by folder. */
  readonly #queues = new Map<string, DatasetQueue>();
  readonly #active = new Map<string, DatasetQueue>();
  /** Lanes that wait for their turn, in this order. */
  readonly #waiting = new Map<string, DatasetQueue>();
  /** Whether the last request is to be sent again. */
  #isFailing = false;
  #isStopped = false;
  #lastDone: Promise<void> = Promise.resolve();
  /** Why the last request failed, or what its answer warns of; undefined after one that succeeded. */
  problem: string | undefined;
  /** Why bodies do not go on, for people. */
  readonly notices = new Set<string>();

  constructor(options: ForwarderOptions) {
    const { name, signal, logger: log, secrets } = options;
    this.#options = options;
    this.#report = new DestinationReport({ name, signal, log, secrets, todos: TODOS });
  }

  /** Sends the bodies of an earlier process. */
  begin(): Promise<void> {
    return this.#inTurn(async () => {
      const datasets = await datasetsIn(this.#options.directory);
      await Promise.all(datasets.map((dataset) => this.#recover(dataset)));
    });
  }

  /** Resolves when the body is on disk, or counts as dropped. Bodies are written one after the other. */
  enqueue(dataset: string, body: Uint8Array, items: number): Promise<void> {
    return this.#inTurn(async () => {
      const folder = folderOf(dataset);
      if (folder === undefined) {
        this.notices.add(
          'Data of a dataset does not go on where its name in x-honeycomb-dataset is too long.',
        );
        return this.drop(items, 'queue_full');
      }
      const queue = this.#queues.get(folder) ?? this.#newQueue(dataset, folder);
      this.#schedule(folder, queue);
      await this.#makeRoom(body.byteLength);
      await queue.enqueue(body, items);
      this.#schedule(folder, queue); // its turn may have ended before it had the body
    });
  }

  /** Counts a body that cannot go on. */
  drop(items: number, reason: LossReason = 'unencodable'): void {
    this.#report.counts.ended += items;
    this.#report.lose(reason, items);
  }

  /** Counts of the items since the start, by their end; waiting items may be older. */
  counts(): ForwardStatus['traces'] {
    const { ended, exported, handedOver, lost } = this.#report.counts;
    // A file that a killed explorer left torn was not acknowledged: its sender sends it again.
    const { rejected, too_large, spool_damaged: _, ...others } = lost;
    return {
      taken: ended,
      forwarded: exported,
      waiting: [...this.#queues.values()].reduce((sum, { waiting }) => sum + waiting, 0),
      refused: rejected + too_large,
      // Nobody else takes the files of this folder: one that has gone was removed by a person.
      dropped: Object.values(others).reduce((sum, count) => sum + count, handedOver),
    };
  }

  /** Sends waiting bodies, where the destination takes them, and stops. All others stay on disk. */
  async stop(deadline: Promise<unknown>): Promise<void> {
    const isOver = deadline.then(() => true);
    const underWay = () => [...this.#active.values()].flatMap((queue) => queue.underWay ?? []);
    for (let requests = underWay(); requests.length > 0; requests = underWay())
      if (await Promise.race([isOver, Promise.race(requests).then(() => false)])) break;
    this.#isStopped = true;
    await Promise.all([...this.#queues.values()].map((queue) => queue.stop()));
  }

  /** Works after all earlier work. Who asked for it gets its error. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#lastDone.then(work);
    this.#lastDone = done.catch(() => {});
    return done;
  }

  /** Finds the bodies that an earlier process left of a dataset. A folder without any goes. */
  async #recover(dataset: string): Promise<void> {
    const folder = folderOf(dataset);
    if (folder === undefined || this.#queues.has(folder)) return;
    const queue = this.#newQueue(dataset, folder);
    await queue.bodies.spool.tend();
    if (!queue.isIdle) this.#schedule(folder, queue);
    else await rmdir(join(this.#options.directory, folder)).catch(() => {}); // something else is in it
  }

  #schedule(folder: string, queue: DatasetQueue): void {
    this.#queues.set(folder, queue);
    if (!this.#active.has(folder)) this.#waiting.set(folder, queue);
    this.#giveTurns();
  }

  /** Gives turns to those that wait, and takes them from those that have nothing to send. */
  #giveTurns(): void {
    if (this.#isStopped) return;
    for (const [folder, queue] of this.#waiting) {
      if (this.#active.size >= MAX_ACTIVE && !this.#endIdle()) return;
      this.#waiting.delete(folder);
      this.#active.set(folder, queue);
      void queue.begin(this.#isFailing);
    }
  }

  /** @returns whether a queue had nothing to send */
  #endIdle(): boolean {
    const [folder, queue] = [...this.#active].find(([, { isIdle }]) => isIdle) ?? [];
    if (folder === undefined) return false;
    this.#active.delete(folder);
    this.#queues.delete(folder);
    void queue?.stop();
    return true;
  }

  #newQueue(dataset: string, folder: string): DatasetQueue {
    const { directory, url, headers, signal, secrets, maxBytes } = this.#options;
    const queue: DatasetQueue = new DatasetQueue({
      directory: join(directory, folder),
      url,
      headers: {
        ...headers,
        [MARK_HEADER]: 'trace-explorer',
        ...(dataset !== '' && { 'x-honeycomb-dataset': dataset }),
      },
      signal,
      maxBytes,
      report: this.#report,
      hasRoom: (bytes) =>
        [...this.#queues.values()].reduce((sum, { bodies }) => sum + bodies.unkeptBytes, bytes) <=
        MAX_UNKEPT_BYTES,
      isTurnOver: (lastsMs) => this.#waiting.size > 0 && lastsMs > TURN_MS,
      onTurnEnd: () => {
        this.#active.delete(folder);
        if (queue.isIdle) this.#queues.delete(folder);
        else this.#waiting.set(folder, queue);
        this.#giveTurns();
      },
      onOutcome: (outcome: Outcome) => {
        this.#isFailing = outcome.kind === 'retry';
        const said = outcome.kind === 'taken' ? (outcome.failure ?? outcome.warning) : outcome.failure;
        const words = said && explainExportFailure(said, { secrets, signal, todos: TODOS });
        this.problem = words && `${words.what} ${words.todo}`;
      },
    });
    return queue;
  }

  /** Drops the oldest bodies of all queues until a new one fits. */
  async #makeRoom(bytes: number): Promise<void> {
    const bytesOn = (queue: DatasetQueue) =>
      queue.bodies.spool.files.reduce((sum, file) => sum + Math.max(file.bytes, MIN_FILE_BYTES), 0);
    const queues = [...this.#queues.values()];
    while (queues.reduce((sum, queue) => sum + bytesOn(queue), bytes) > this.#options.maxBytes) {
      const [oldest] = queues
        .filter(({ bodies }) => !bodies.spool.isEmpty)
        .sort((a, b) => nextOf(a) - nextOf(b));
      const taken = await oldest?.bodies.spool.take();
      if (oldest === undefined || taken === undefined) return;
      oldest.bodies.spool.remove(taken.file);
      this.#report.lose('spool_full', taken.file.items);
    }
  }
}

/** When the body that is next was taken, in milliseconds: names of files begin with the time. */
function nextOf({ bodies }: DatasetQueue): number {
  const next = bodies.spool.files.find(({ claimedAt }) => claimedAt === undefined);
  return Number.parseInt(next?.name ?? '', 10);
}
