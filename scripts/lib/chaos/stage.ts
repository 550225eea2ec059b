import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer, ReceivedRequest, ReceivedSpan } from '@tandem/otlp/testing';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { PostgresCluster, Relay } from '@tandem/service-kit/testing';
import { startPostgresCluster, startRelay } from '@tandem/service-kit/testing';
import type { Pair } from '../../../test/helpers/pair.ts';
import { startPair } from '../../../test/helpers/pair.ts';
import type { TestProcess } from '../../../test/helpers/processes.ts';
import type { Outlived } from '../end-with-this-process.ts';
import { endWithThisProcess } from '../end-with-this-process.ts';
import { freePort } from '../free-port.ts';
import { Ledger } from './ledger.ts';
import type { Order } from './orders.ts';
import { CHAOS_HOST } from './orders.ts';
import type { Volume } from './volume.ts';
import { makeVolume } from './volume.ts';

/** A certificate for `localhost` with its key, PEM files. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A busy machine may need that long to start both services, which takes a second otherwise. */
const START_LIMIT_MS = 90_000;

const PRELOADED = import.meta.resolve('./preloaded.ts');

/** How a backend answers that takes everything. */
export const TAKEN = { status: 200, headers: { 'content-type': 'application/x-protobuf' } } satisfies Answer;

/** What the services are started with, where it is not the usual. */
export interface StageOptions {
  /** Both services on a PostgreSQL of their own, behind a relay; SQLite when left out. */
  readonly usesPostgres?: boolean;
  /** DATA_DIR is a volume of so many MiB; a temporary folder when left out. */
  readonly volumeMiB?: number;
  /** The trace backend speaks TLS with this certificate, which the services trust. */
  readonly certificate?: Certificate;
  /** user-lookup and the trace backend are found by name instead of by address. */
  readonly usesNames?: boolean;
  /** More variables of both services. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The two services, everything they talk to, and ways to disturb it. All of it on the loopback address. */
export interface Stage {
  readonly pair: Pair;
  /** What was answered and which spans have come. */
  readonly ledger: Ledger;
  /** Between activities-api and user-lookup. */
  readonly wayToUserLookup: Relay;
  /** Between both services and the trace backend. */
  readonly wayToBackend: Relay;
  /** Between both services and PostgreSQL; there when the stage has one. */
  readonly wayToDatabase: Relay | undefined;
  readonly cluster: PostgresCluster | undefined;
  /** DATA_DIR, where it is a volume of its own. */
  readonly volume: Volume | undefined;
  /** Has one of the services disturb itself. */
  order(service: TestProcess, order: Order): void;
  /** SIGKILL, and says so in the ledger. */
  kill(service: TestProcess): Promise<void>;
  /** How the trace backend answers from now on, and which spans of a request it takes when it answers 2xx. */
  answerSpans(
    answer: (request: ReceivedRequest) => Answer | Promise<Answer>,
    taken?: (request: ReceivedRequest) => readonly ReceivedSpan[],
  ): void;
  /** The trace backend goes, and one with another certificate comes in its place. */
  replaceBackend(certificate: Certificate): Promise<void>;
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
  const undo: (() => Promise<unknown> | unknown)[] = [];
  const stop = async () => {
    const failures: unknown[] = [];
    for (const step of undo.splice(0).reverse()) await Promise.resolve(step()).catch((e) => failures.push(e));
    if (failures.length > 0) throw new AggregateError(failures, 'Not all could be cleaned up.');
  };
  try {
    return await build(options, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(
  options: StageOptions,
  undo: (() => Promise<unknown> | unknown)[],
  stop: () => Promise<void>,
): Promise<Stage> {
  const ledger = new Ledger();
  const { certificate } = options;
  let backend = await startOtlpReceiver(certificate && { tls: readCertificate(certificate) });
  undo.push(() => backend.close());
  const answerSpans: Stage['answerSpans'] = (answer, taken = ({ spans }) => spans) => {
    backend.isKeeping = false;
    backend.answer = async (request) => {
      const given = await answer(request);
      if (typeof given === 'object' && given.status < 300 && !request.isOfLogs)
        ledger.received(taken(request));
      return given;
    };
  };
  answerSpans(() => TAKEN);
  const { port } = backend;

  const userLookupPort = await freePort();
  const wayToUserLookup = await startRelay(userLookupPort);
  const wayToBackend = await startRelay(port);
  undo.push(wayToUserLookup.close, wayToBackend.close);

  const cluster = options.usesPostgres ? await startPostgresCluster() : undefined;
  if (cluster !== undefined) undo.push(cluster.remove);
  const wayToDatabase = cluster && (await startRelay(Number(new URL(cluster.url).port)));
  if (wayToDatabase !== undefined) undo.push(wayToDatabase.close);

  const volume = options.volumeMiB === undefined ? undefined : await makeVolume(options.volumeMiB);
  if (volume !== undefined) undo.push(() => volume.remove());

  const host = options.usesNames ? CHAOS_HOST : '127.0.0.1';
  const folder = mkdtempSync(join(tmpdir(), `tandem-chaos-${process.pid}-`));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  const orders = join(folder, 'order.json');
  const outlived: Outlived = endWithThisProcess();
  undo.push(outlived.release);
  const pair = await startPair({
    otlpUrl: certificate ? `https://localhost:${wayToBackend.port}` : `http://${host}:${wayToBackend.port}`,
    userLookupPort,
    startLimitMs: START_LIMIT_MS,
    directory: volume?.directory,
    databaseUrl: cluster && Object.assign(new URL(cluster.url), { port: String(wayToDatabase?.port) }).href,
    nodeOptions: ['--no-allocation-site-pretenuring', '--import', PRELOADED],
    env: {
      LOG_LEVEL: 'error',
      OTEL_BSP_SCHEDULE_DELAY: '',
      RATE_LIMIT_MAX: '1000000000',
      CHAOS_ORDER: orders,
      ...(options.usesNames && { ALLOWED_HOSTS: CHAOS_HOST }),
      ...(certificate && { OTEL_EXPORTER_OTLP_CERTIFICATE: certificate.certFile }),
      ...options.env,
    },
    activitiesEnv: { USER_LOOKUP_URL: `http://${host}:${wayToUserLookup.port}` },
  });
  undo.push(pair.stop);
  const noteProcesses = () =>
    outlived.set([pair.activities, pair.userLookup].flatMap(({ child }) => child.pid ?? []));
  noteProcesses();

  return {
    pair,
    ledger,
    wayToUserLookup,
    wayToBackend,
    wayToDatabase,
    cluster,
    volume,
    order(service, order) {
      // Renamed, so that a service that still reads the one before reads it whole.
      writeFileSync(`${orders}.new`, JSON.stringify(order));
      renameSync(`${orders}.new`, orders);
      service.child.kill('SIGWINCH');
    },
    async kill(service) {
      ledger.killed(performance.now());
      await service.stop('SIGKILL');
    },
    answerSpans,
    async replaceBackend(given) {
      await backend.close();
      backend = await startOtlpReceiver({ port, tls: readCertificate(given) });
      answerSpans(() => TAKEN);
    },
    async restartWhatEnded() {
      const hasEnded = ({ child }: TestProcess) => child.exitCode !== null || child.signalCode !== null;
      await Promise.all([
        hasEnded(pair.userLookup) && pair.restartUserLookup(),
        hasEnded(pair.activities) && pair.restartActivities(),
      ]);
      noteProcesses();
    },
    stop,
  };
}

function readCertificate({ certFile, keyFile }: Certificate) {
  return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
}
