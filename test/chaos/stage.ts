import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer, ReceivedRequest, ReceivedSpan } from '@tandem/otlp/testing';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { Relay } from '@tandem/service-kit/testing';
import { startRelay } from '@tandem/service-kit/testing';
import { freePort } from '../../scripts/lib/free-port.ts';
import type { Pair } from '../helpers/pair.ts';
import { startPair } from '../helpers/pair.ts';
import type { PostgresCluster } from '../helpers/postgres-cluster.ts';
import { startPostgresCluster } from '../helpers/postgres-cluster.ts';
import type { TestProcess } from '../helpers/processes.ts';
import type { Volume } from '../helpers/volume.ts';
import { makeVolume } from '../helpers/volume.ts';
import type { StageExplorer } from './explorer.ts';
import { startStageExplorer } from './explorer.ts';
import { Ledger } from './ledger.ts';

/** Both services start in a second; a busy machine may need this long. */
const START_LIMIT_MS = 90_000;

/** The answer of a backend that takes everything. */
export const TAKEN = { status: 200, headers: { 'content-type': 'application/x-protobuf' } } satisfies Answer;

/** Unusual ways to start the services. */
export interface StageOptions {
  /** Both services use a new PostgreSQL behind a relay; default: SQLite. */
  readonly usesPostgres?: boolean;
  /** DATA_DIR is a volume of this many MiB; default: a temporary folder. */
  readonly volumeMiB?: number;
  /** The services send to a trace explorer, whose tee sends on to the backend; default: they send there themselves. */
  readonly usesExplorer?: boolean;
}

/** The two services, everything they talk to, and ways to disturb them, all on the loopback address. */
export interface Stage {
  readonly pair: Pair;
  /** Answers and arrived spans of the running experiment. */
  ledger: Ledger;
  /** Between activities-api and user-lookup. */
  readonly wayToUserLookup: Relay;
  /** Between both services and the trace backend. */
  readonly wayToBackend: Relay;
  /** Between both services and PostgreSQL, when the stage has one. */
  readonly wayToDatabase: Relay | undefined;
  readonly cluster: PostgresCluster | undefined;
  /** DATA_DIR, when it is a volume. */
  readonly volume: Volume | undefined;
  /** Between the services and the backend, when the stage has one. */
  readonly explorer: StageExplorer | undefined;
  /** Kills with SIGKILL, and notes the kill in the ledger. */
  kill(service: TestProcess): Promise<void>;
  /** Sets the answers of the trace backend, and which spans of a request a 2xx takes. */
  answerSpans(
    answer: (request: ReceivedRequest) => Answer | Promise<Answer>,
    taken?: (request: ReceivedRequest) => readonly ReceivedSpan[],
  ): void;
  /** Starts ended services again. */
  restartWhatEnded(): Promise<void>;
  /** Ends everything, and removes all files. */
  [Symbol.asyncDispose](): Promise<void>;
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
  // The name has the id of this process, so that tests can find leftovers of a run.
  const directory = volume?.directory ?? mkdtempSync(join(tmpdir(), `tandem-chaos-${process.pid}-`));
  if (volume === undefined) undo.defer(() => rmSync(directory, { recursive: true, force: true }));
  const backendUrl = `http://127.0.0.1:${wayToBackend.port}`;
  const explorer = options.usesExplorer ? await startStageExplorer(directory, backendUrl) : undefined;
  if (explorer !== undefined) undo.defer(explorer.stop);
  const pair = await startPair({
    otlpUrl: explorer?.otlp ?? backendUrl,
    userLookupPort,
    startLimitMs: START_LIMIT_MS,
    directory,
    databaseUrl: cluster && Object.assign(new URL(cluster.url), { port: String(wayToDatabase?.port) }).href,
    nodeOptions: ['--no-allocation-site-pretenuring'],
    env: { LOG_LEVEL: 'error', OTEL_BSP_SCHEDULE_DELAY: '', RATE_LIMIT_MAX: '1000000000' },
    activitiesEnv: { USER_LOOKUP_URL: `http://127.0.0.1:${wayToUserLookup.port}` },
  });
  undo.defer(async () => void (await pair.stop()));

  const stage: Stage = {
    pair,
    ledger: new Ledger(),
    wayToUserLookup,
    wayToBackend,
    wayToDatabase,
    cluster,
    volume,
    explorer,
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
    },
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  };
  stage.answerSpans(() => TAKEN);
  return stage;
}
