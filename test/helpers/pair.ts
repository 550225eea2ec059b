import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProcess } from './processes.ts';
import { freePort, startNode, untilReady } from './processes.ts';

/** Both services as real processes on free ports, with seeded data. */
export interface Pair {
  readonly api: string;
  readonly userLookupUrl: string;
  readonly userLookup: TestProcess;
  readonly activities: TestProcess;
  /** DATA_DIR of both. */
  readonly directory: string;
  /** Starts user-lookup again on its port, after it was stopped. */
  restartUserLookup(): Promise<TestProcess>;
  /** Starts activities-api again on its port, after it was stopped. */
  restartActivities(): Promise<TestProcess>;
  /** Stops both with SIGTERM; resolves with their exit codes. */
  stop(): Promise<(number | null)[]>;
}

export interface PairOptions {
  readonly otlpUrl: string;
  readonly databaseUrl?: string | undefined;
  /** More variables for both services. */
  readonly env?: Readonly<Record<string, string>>;
  readonly activitiesEnv?: Readonly<Record<string, string>>;
  /** Options of Node for both services. */
  readonly nodeOptions?: readonly string[];
  /** DATA_DIR, which is then the caller's to remove; a temporary one when left out. */
  readonly directory?: string | undefined;
  /** The folder that has `services`; the workspace when left out. */
  readonly root?: string;
  /** user-lookup's port; a free one when left out. */
  readonly userLookupPort?: number;
  /** Milliseconds that a service may take to start; 45,000 when left out. */
  readonly startLimitMs?: number;
}

export async function startPair(options: PairOptions): Promise<Pair> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'tandem-pair-'));
  const [apiPort, lookupPort] = [await freePort(), options.userLookupPort ?? (await freePort())];
  const shared: Record<string, string> = {
    DATA_DIR: directory,
    OTEL_EXPORTER_OTLP_ENDPOINT: options.otlpUrl,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    RATE_LIMIT_MAX: '1000000',
    USER_LOOKUP_RATE_LIMIT_MAX: '1000000000',
    LOG_LEVEL: 'info',
    TRACE_LEAN: process.env.TRACE_LEAN ?? '', // the lean engine's nightly test sets it
    USER_LOOKUP_URL: `http://127.0.0.1:${lookupPort}`,
    ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
    ...options.env,
  };
  const start = (name: string, port: number, env: Readonly<Record<string, string>> = {}) =>
    startNode(
      join(options.root ?? '.', 'services', name),
      [...(options.nodeOptions ?? []), '--import', '@tandem/service-kit/register', 'src/main.ts', '--seed'],
      { ...shared, PORT: String(port), ...env },
    );
  const startUserLookup = () => start('user-lookup', lookupPort);
  const startActivities = () => start('activities-api', apiPort, options.activitiesEnv);
  let userLookup = startUserLookup();
  let activities = startActivities();
  const lookupReady = () =>
    untilReady(userLookup, `http://127.0.0.1:${lookupPort}/health/ready`, options.startLimitMs);
  const activitiesReady = () =>
    untilReady(activities, `http://127.0.0.1:${apiPort}/health/ready`, options.startLimitMs);
  const stop = async () => {
    const codes = await Promise.all([activities.stop(), userLookup.stop()]);
    if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    return codes;
  };
  try {
    await Promise.all([lookupReady(), activitiesReady()]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    api: `http://127.0.0.1:${apiPort}`,
    userLookupUrl: `http://127.0.0.1:${lookupPort}`,
    get userLookup() {
      return userLookup;
    },
    get activities() {
      return activities;
    },
    directory,
    async restartUserLookup() {
      userLookup = startUserLookup();
      await lookupReady();
      return userLookup;
    },
    async restartActivities() {
      activities = startActivities();
      await activitiesReady();
      return activities;
    },
    stop,
  };
}
