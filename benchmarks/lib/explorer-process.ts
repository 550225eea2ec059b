import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EXPLORER_MEMORY } from '../../scripts/lib/workspace.ts';

/** A running explorer. */
export interface Explorer {
  readonly pid: number;
  readonly origin: string;
  /** Sends a gzipped protobuf export until it is taken. Throws when it is refused for good. */
  post(body: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** The explorer's own process as `node tandem start` has it, with ports and a directory of its own. */
export async function startExplorer(t: { teardown(end: () => unknown): void }): Promise<Explorer> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const main = join(import.meta.dirname, '../../packages/trace-explorer/src/main.ts');
  const child = spawn(process.execPath, [...EXPLORER_MEMORY.arguments, main], {
    env: {
      ...EXPLORER_MEMORY.environment,
      ...process.env,
      PORT: '0',
      OTLP_PORT: '0',
      DATA_DIR: directory,
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(
    () =>
      new Promise((resolve) => {
        child.once('exit', resolve);
        child.kill('SIGTERM');
      }),
  );
  for await (const line of createInterface({ input: child.stdout })) {
    const { port, otlpPort } = JSON.parse(line) as { port?: number; otlpPort?: number };
    if (port === undefined || otlpPort === undefined) continue;
    child.stdout.resume();
    return {
      pid: child.pid ?? 0,
      origin: `http://127.0.0.1:${port}`,
      async post(body) {
        const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
        for (;;) {
          const response = await fetch(`http://127.0.0.1:${otlpPort}/v1/traces`, {
            method: 'POST',
            headers,
            body,
          });
          await response.arrayBuffer();
          if (response.ok) return;
          if (response.status !== 429 && response.status !== 503) throw new Error(`OTLP: ${response.status}`);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      },
    };
  }
  throw new Error('The explorer ended before it was ready.');
}
