import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packPackage } from '../../scripts/lib/pack-package.ts';
import { npmInstall } from '../../test/helpers/npm.ts';

/** Packs the explorer and installs it as somebody without this repository does. @returns the path of its command */
export async function installExplorer(folder: string): Promise<string> {
  mkdirSync(folder);
  await npmInstall(folder, [await packPackage('trace-explorer', folder)]);
  return join(folder, 'node_modules', '@tandem', 'trace-explorer', 'trace-explorer.mjs');
}

/** Starts it, and stops it again. @returns milliseconds from its start to its banner */
export async function startInstalled(command: string, data: string): Promise<number> {
  const began = performance.now();
  const ports = ['--port', '0', '--otlp-port', '0', '--grpc-port', 'off'];
  const child = spawn(process.execPath, [command, ...ports, '--data-dir', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [first] = await Promise.race([once(child.stdout, 'data'), ended]);
  const time = performance.now() - began;
  if (!String(first).includes('The trace explorer runs.')) throw new Error('The explorer did not start.');
  child.kill('SIGTERM');
  await ended;
  return time;
}
