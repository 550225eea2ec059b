import { join } from 'node:path';
import type { LossReason } from '@tandem/telemetry';
import type { Outcome, Signal } from '@tandem/telemetry/workspace/delivery';
import { DestinationReport, explainExportFailure } from '@tandem/telemetry/workspace/delivery';
import type { FastifyBaseLogger } from 'fastify';
import type { ForwardStatus } from '../status.ts';
import { datasetsIn, folderOf } from './dataset-folder.ts';
import { Lane } from './lane.ts';

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

/** Datasets that bodies wait or travel for at a time. */
const MAX_LANES = 32;
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

/** Sends on the bodies of one signal. Its lanes share the room on disk. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #report: DestinationReport;
  readonly #lanes = new Map<string, Lane>();
  #lastKept: Promise<void> = Promise.resolve();
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
  async begin(): Promise<void> {
    const datasets = await datasetsIn(this.#options.directory);
    await Promise.all(datasets.map((dataset) => this.#laneOf(dataset, datasets.length)?.begin()));
  }

  /** Resolves when the body is on disk, or counts as dropped. Bodies are written one after the other. */
  keep(dataset: string, body: Uint8Array, items: number): Promise<void> {
    const kept = this.#lastKept.then(async () => {
      const lane = this.#laneOf(dataset);
      if (lane === undefined) return this.drop(items, 'queue_full');
      await this.#makeRoom(body.byteLength);
      await lane.keep(body, items);
    });
    this.#lastKept = kept.catch(() => {}); // its sender gets the error; the next body is written
    return kept;
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
      waiting: [...this.#lanes.values()].reduce((sum, { waiting }) => sum + waiting, 0),
      refused: rejected + too_large,
      // Nobody else takes the files of this folder: one that has gone was removed by a person.
      dropped: Object.values(others).reduce((sum, count) => sum + count, handedOver),
    };
  }

  async stop(deadline: Promise<unknown>): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.stop(deadline)));
  }

  /** The lane of a dataset, for the body that is kept now: another dataset's may end it. Undefined where none is free. */
  #laneOf(dataset: string, most = MAX_LANES): Lane | undefined {
    const folder = folderOf(dataset);
    if (folder === undefined) {
      this.notices.add('Data of a dataset does not go on where its name in x-honeycomb-dataset is too long.');
      return undefined;
    }
    const known = this.#lanes.get(folder);
    if (known !== undefined || this.#lanes.size < most) return known ?? this.#open(dataset, folder);
    const [idle, lane] = [...this.#lanes].find(([, { isIdle }]) => isIdle) ?? [];
    if (idle === undefined) {
      this.notices.add(
        `Data of ${MAX_LANES} datasets goes on at a time. While so many wait, data of others stays here only.`,
      );
      return undefined;
    }
    void lane?.stop(Promise.resolve());
    this.#lanes.delete(idle);
    return this.#open(dataset, folder);
  }

  #open(dataset: string, folder: string): Lane {
    const { directory, url, headers, signal, secrets, maxBytes } = this.#options;
    const lane = new Lane({
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
      onOutcome: (said: Outcome['failure']) => {
        const words = said && explainExportFailure(said, { secrets, signal, todos: TODOS });
        this.problem = words && `${words.what} ${words.todo}`;
      },
    });
    this.#lanes.set(folder, lane);
    return lane;
  }

  /** Drops the oldest bodies of all lanes until a new one fits. */
  async #makeRoom(bytes: number): Promise<void> {
    const bytesOn = (lane: Lane) =>
      lane.spool.files.reduce((sum, file) => sum + Math.max(file.bytes, MIN_FILE_BYTES), 0);
    const lanes = [...this.#lanes.values()];
    while (lanes.reduce((sum, lane) => sum + bytesOn(lane), bytes) > this.#options.maxBytes) {
      const [oldest] = lanes.filter(({ spool }) => !spool.isEmpty).sort((a, b) => nextOf(a) - nextOf(b));
      const taken = await oldest?.spool.take();
      if (oldest === undefined || taken === undefined) return;
      oldest.spool.remove(taken.file);
      this.#report.lose('spool_full', taken.file.items);
    }
  }
}

/** When the body that is next was taken, in milliseconds: names of files begin with the time. */
function nextOf({ spool }: Lane): number {
  const next = spool.files.find(({ claimedAt }) => claimedAt === undefined);
  return Number.parseInt(next?.name ?? '', 10);
}
