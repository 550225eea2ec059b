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
  /** Starts user-lookup again on its port, after it was stopped. */
  restartUserLookup(): Promise<TestProcess>;
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
}

export async function startPair(options: PairOptions): Promise<Pair> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-pair-'));
  const [apiPort, lookupPort] = [await freePort(), await freePort()];
  const shared: Record<string, string> = {
    DATA_DIR: directory,
    OTEL_EXPORTER_OTLP_ENDPOINT: options.otlpUrl,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    RATE_LIMIT_MAX: '1000000',
    LOG_LEVEL: 'info',
    USER_LOOKUP_URL: `http://127.0.0.1:${lookupPort}`,
    ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
    ...options.env,
  };
  const start = (name: string, port: number, env: Readonly<Record<string, string>> = {}) =>
    startNode(
      join('services', name),
      [...(options.nodeOptions ?? []), '--import', '@tandem/service-kit/register', 'src/main.ts', '--seed'],
      { ...shared, PORT: String(port), ...env },
    );
  let userLookup = start('user-lookup', lookupPort);
  const activities = start('activities-api', apiPort, options.activitiesEnv);
  const lookupReady = () => untilReady(userLookup, `http://127.0.0.1:${lookupPort}/health/ready`);
  const stop = async () => {
    const codes = await Promise.all([activities.stop(), userLookup.stop()]);
    rmSync(directory, { recursive: true, force: true });
    return codes;
  };
  try {
    await Promise.all([lookupReady(), untilReady(activities, `http://127.0.0.1:${apiPort}/health/ready`)]);
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
    activities,
    async restartUserLookup() {
      userLookup = start('user-lookup', lookupPort);
      await lookupReady();
      return userLookup;
    },
    stop,
  };
}
