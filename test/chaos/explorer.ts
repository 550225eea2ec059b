import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/lib/free-port.ts';
import type { TestProcess } from '../helpers/processes.ts';
import { startNode, untilReady } from '../helpers/processes.ts';

/** The trace explorer of a stage: it takes the services' spans, and its tee sends them on to the backend. */
export interface StageExplorer {
  /** Base URL of its receiver. */
  readonly otlp: string;
  /** Base URL of its page. */
  readonly page: string;
  /** Kills it with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again. */
  restart(): Promise<void>;
  /** Does to the claimed files of a killed explorer what a clock that was set back by an hour does. */
  setClockBack(): void;
  stop(): Promise<void>;
}

/** A clock that is set back by an hour makes the claims be of an hour from now. */
const HOUR_MS = 3_600_000;
const CLAIMED = /^(.+\.spans)(?:\.\d+)?$/;

/** @throws Error when it does not start */
export async function startStageExplorer(directory: string, forwardTo: string): Promise<StageExplorer> {
  const [page, otlp] = [await freePort(), await freePort()];
  const dataDirectory = join(directory, 'explorer');
  const start = () =>
    startNode('packages/trace-explorer', ['start.js'], {
      LOG_LEVEL: 'error',
      DATA_DIR: dataDirectory,
      PORT: String(page),
      OTLP_PORT: String(otlp),
      OTLP_GRPC_PORT: 'off',
      EXPLORER_FORWARD: forwardTo,
    });
  const ready = async (explorer: TestProcess) => {
    try {
      await untilReady(explorer, `http://127.0.0.1:${page}/health/ready`);
    } catch (error) {
      // Nobody else knows of it yet, and chaos does not end while it runs.
      await explorer.stop('SIGKILL');
      throw error;
    }
  };
  let explorer = start();
  await ready(explorer);
  return {
    otlp: `http://127.0.0.1:${otlp}`,
    page: `http://127.0.0.1:${page}`,
    kill: async () => void (await explorer.stop('SIGKILL')),
    async restart() {
      explorer = start();
      await ready(explorer);
    },
    setClockBack() {
      const spool = join(dataDirectory, 'spool', 'trace-explorer');
      for (const entry of readdirSync(spool, { recursive: true, withFileTypes: true })) {
        const [, name] = CLAIMED.exec(entry.name) ?? [];
        if (name === undefined || !entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        renameSync(path, join(entry.parentPath, `${name}.${Date.now() + HOUR_MS}`));
      }
    },
    stop: async () => void (await explorer.stop()),
  };
}
