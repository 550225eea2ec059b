import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer, ReceivedRequest, ReceivedSpan } from '@tandem/otlp/testing';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { PostgresCluster, Relay } from '@tandem/service-kit/testing';
import { startPostgresCluster, startRelay } from '@tandem/service-kit/testing';
import type { Pair } from '../../../test/helpers/pair.ts';
import { startPair } from '../../../test/helpers/pair.ts';
import type { TestProcess } from '../../../test/helpers/processes.ts';
import { endWithThisProcess } from '../end-with-this-process.ts';
import { freePort } from '../free-port.ts';
import { Ledger } from './ledger.ts';
import type { Volume } from './volume.ts';
import { makeVolume } from './volume.ts';

/** A busy machine may need that long to start both services, which takes a second otherwise. */
const START_LIMIT_MS = 90_000;

/** How a backend answers that takes everything. */
export const TAKEN = { status: 200, headers: { 'content-type': 'application/x-protobuf' } } satisfies Answer;

/** What the services are started with, where it is not the usual. */
export interface StageOptions {
  /** Both services on a PostgreSQL of their own, behind a relay; SQLite when left out. */
  readonly usesPostgres?: boolean;
  /** DATA_DIR is a volume of so many MiB; a temporary folder when left out. */
  readonly volumeMiB?: number;
}

/** The two services, everything they talk to, and ways to disturb it. All of it on the loopback address. */
export interface Stage {
  readonly pair: Pair;
  /** What was answered and which spans have come, of the experiment that runs. */
  ledger: Ledger;
  /** Between activities-api and user-lookup. */
  readonly wayToUserLookup: Relay;
  /** Between both services and the trace backend. */
  readonly wayToBackend: Relay;
  /** Between both services and PostgreSQL; there when the stage has one. */
  readonly wayToDatabase: Relay | undefined;
  readonly cluster: PostgresCluster | undefined;
  /** DATA_DIR, where it is a volume of its own. */
  readonly volume: Volume | undefined;
  /** SIGKILL, and says so in the ledger. */
  kill(service: TestProcess): Promise<void>;
  /** How the trace backend answers from now on, and which spans of a request it takes when it answers 2xx. */
  answerSpans(
    answer: (request: ReceivedRequest) => Answer | Promise<Answer>,
    taken?: (request: ReceivedRequest) => readonly ReceivedSpan[],
  ): void;
  /** Starts again which of the services have ended. */
  restartWhatEnded(): Promise<void>;
  /** Ends everything, and removes what was written. */
  stop(): Promise<void>;
}

/**
 * Starts everything.
 * @throws Error when a service cannot start, or when the machine lacks something
 */
export async function startStage(options: StageOptions = {}): Promise<Stage> {
  const undo = new AsyncDisposableStack();
  try {
    return await build(options, undo);
  } catch (error) {
    await undo.disposeAsync();
    throw error;
  }
}

async function build(options: StageOptions, undo: AsyncDisposableStack): Promise<Stage> {
  const backend = await startOtlpReceiver();
  backend.isKeeping = false;
  undo.defer(() => backend.close());
  const userLookupPort = await freePort();
  const relayTo = async (port: number) => {
    const relay = await startRelay(port);
    undo.defer(relay.close);
    return relay;
  };
  const wayToUserLookup = await relayTo(userLookupPort);
  const wayToBackend = await relayTo(backend.port);
  const cluster = options.usesPostgres ? await startPostgresCluster() : undefined;
  if (cluster !== undefined) undo.defer(async () => void (await cluster.remove()));
  const wayToDatabase = cluster && (await relayTo(Number(new URL(cluster.url).port)));
  const volume = options.volumeMiB === undefined ? undefined : await makeVolume(options.volumeMiB);
  if (volume !== undefined) undo.defer(() => volume.remove());
  // Tests, and whoever looks for what a run has left, find it by the id of this process.
  const directory = volume?.directory ?? mkdtempSync(join(tmpdir(), `tandem-chaos-${process.pid}-`));
  if (volume === undefined) undo.defer(() => rmSync(directory, { recursive: true, force: true }));
  const outlived = endWithThisProcess();
  undo.defer(outlived.release);
  const pair = await startPair({
    otlpUrl: `http://127.0.0.1:${wayToBackend.port}`,
    userLookupPort,
    startLimitMs: START_LIMIT_MS,
    directory,
    databaseUrl: cluster && Object.assign(new URL(cluster.url), { port: String(wayToDatabase?.port) }).href,
    nodeOptions: ['--no-allocation-site-pretenuring'],
    env: { LOG_LEVEL: 'error', OTEL_BSP_SCHEDULE_DELAY: '', RATE_LIMIT_MAX: '1000000000' },
    activitiesEnv: { USER_LOOKUP_URL: `http://127.0.0.1:${wayToUserLookup.port}` },
  });
  undo.defer(async () => void (await pair.stop()));
  const noteProcesses = () =>
    outlived.set([pair.activities, pair.userLookup].flatMap(({ child }) => child.pid ?? []));
  noteProcesses();

  const stage: Stage = {
    pair,
    ledger: new Ledger(),
    wayToUserLookup,
    wayToBackend,
    wayToDatabase,
    cluster,
    volume,
    async kill(service) {
      stage.ledger.killed(performance.now());
      await service.stop('SIGKILL');
    },
    answerSpans(answer, taken = ({ spans }) => spans) {
      backend.answer = async (request) => {
        const given = await answer(request);
        if (typeof given === 'object' && given.status < 300 && !request.isOfLogs)
          stage.ledger.received(taken(request));
        return given;
      };
    },
    async restartWhatEnded() {
      const hasEnded = ({ child }: TestProcess) => child.exitCode !== null || child.signalCode !== null;
      await Promise.all([
        hasEnded(pair.userLookup) && pair.restartUserLookup(),
        hasEnded(pair.activities) && pair.restartActivities(),
      ]);
      noteProcesses();
    },
    stop: () => undo.disposeAsync(),
  };
  stage.answerSpans(() => TAKEN);
  return stage;
}
