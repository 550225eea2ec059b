import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EXPLORER_MEMORY } from '../../scripts/lib/processes/pair-parts.ts';

/** A running explorer. */
export interface Explorer {
  readonly pid: number;
  readonly origin: string;
  /** Where it receives OTLP. */
  readonly otlpUrl: string;
  isRunning(): boolean;
  /** Sends a gzipped protobuf export until it is taken; default: of spans. Throws when it is refused for good. */
  post(body: Uint8Array<ArrayBuffer>, path?: 'v1/traces' | 'v1/logs'): Promise<void>;
}

/**
 * The explorer's own process as `node tandem start` has it, with ports and a directory of its own.
 * @param environment further variables, such as the DATA_DIR of a store that is there
 * @param onLine called with each line of its log, once it is ready
 */
export async function startExplorer(
  t: { teardown(end: () => unknown): void },
  environment: Readonly<Record<string, string>> = {},
  onLine: (line: string) => void = () => {},
): Promise<Explorer> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const main = join(import.meta.dirname, '../../packages/trace-explorer/src/main.ts');
  const child = spawn(process.execPath, [...EXPLORER_MEMORY.arguments, main], {
    env: {
      ...EXPLORER_MEMORY.environment,
      ...process.env,
      PORT: '0',
      OTLP_PORT: '0',
      OTLP_GRPC_PORT: 'off',
      DATA_DIR: directory,
      LOG_LEVEL: 'info',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  t.teardown(
    () =>
      new Promise((resolve) => {
        // A test may have ended it.
        if (!isRunning()) return resolve(undefined);
        child.once('exit', resolve);
        child.kill('SIGTERM');
      }),
  );
  for await (const line of createInterface({ input: child.stdout })) {
    const { port, otlpPort } = JSON.parse(line) as { port?: number; otlpPort?: number };
    if (port === undefined || otlpPort === undefined) continue;
    createInterface({ input: child.stdout }).on('line', onLine);
    const otlpUrl = `http://127.0.0.1:${otlpPort}/v1/traces`;
    return {
      pid: child.pid ?? 0,
      origin: `http://127.0.0.1:${port}`,
      otlpUrl,
      isRunning,
      async post(body, path = 'v1/traces') {
        const url = new URL(`/${path}`, otlpUrl);
        const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
        for (;;) {
          // A connection that breaks is tried again, as senders do.
          const response = await fetch(url, { method: 'POST', headers, body }).catch(() => undefined);
          await response?.arrayBuffer();
          if (response?.ok) return;
          const isWorthARetry = response === undefined || response.status === 429 || response.status === 503;
          if (!isRunning()) throw new Error('The explorer has ended.');
          if (!isWorthARetry) throw new Error(`OTLP: ${response.status}`);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      },
    };
  }
  throw new Error('The explorer ended before it was ready.');
}
