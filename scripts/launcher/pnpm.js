import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a caller's npm may say otherwise, and the installation needs. */
const SETTINGS = Object.entries({
  only: '',
  optional: true,
  lockfile: true,
  'package-lock': true,
  'engine-strict': false,
  'confirm-modules-purge': false,
  'fetch-timeout': 60_000,
}).map(([name, value]) => `--config.${name}=${value}`);

/**
 * A registry that is away, or silent, is said within half a minute, after one more attempt. That is for npx, which only fetches
 * pnpm: pnpm waits for an answer as long as it does by itself, because a slow line has many packages at once.
 */
const PATIENCE = {
  npm_config_fetch_retries: '1',
  npm_config_fetch_retry_mintimeout: '5000',
  npm_config_fetch_timeout: '10000',
};

/** How often an installation says how far it is. */
const PROGRESS_MS = 5000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Time to end for what was told to. */
const GRACE_MS = 3000;
const PROGRESS = /^Progress: resolved \d+, reused (\d+), downloaded (\d+)/;

/**
 * Runs the pnpm of package.json in the workspace's root. Says every few seconds on standard error how far it is, and nothing
 * else: its lines are for who has to explain a failure. Ends with this process, and this process with a signal that it gets.
 * @returns its exit code and its lines
 */
export async function runPnpm(root, words) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const command = [
    'npx',
    '--yes',
    '--prefer-offline',
    packageManager,
    ...words,
    '--reporter=append-only',
    ...SETTINGS,
  ];
  const isWindows = process.platform === 'win32';
  const pnpm = spawn(command.map((word) => (isWindows ? `"${word}"` : `'${word}'`)).join(' '), {
    cwd: root,
    shell: true, // npx is a script on Windows
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: !isWindows, // a group of its own, which can be ended whole
    env: { ...process.env, ...PATIENCE, npm_config_update_notifier: 'false' },
  });
  const end = (signal) => {
    try {
      if (isWindows) pnpm.kill(signal);
      else process.kill(-pnpm.pid, signal);
    } catch {} // has ended
  };
  const stop = (signal) => {
    pnpm.once('close', () => process.exit(128 + constants.signals[signal]));
    end('SIGTERM');
    setTimeout(() => end('SIGKILL'), GRACE_MS);
  };
  for (const signal of SIGNALS) process.once(signal, stop);
  const lines = [];
  const began = Date.now();
  let packages = 0;
  const saying = setInterval(
    () => console.error(`  ${packages} packages after ${Math.round((Date.now() - began) / 1000)} s`),
    PROGRESS_MS,
  );
  for (const stream of [pnpm.stdout, pnpm.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      const [, reused, downloaded] = PROGRESS.exec(line) ?? [];
      if (reused !== undefined) packages = Number(reused) + Number(downloaded);
      else lines.push(line);
    });
  const [code] = await once(pnpm, 'close').finally(() => {
    clearInterval(saying);
    for (const signal of SIGNALS) process.off(signal, stop);
  });
  return { code, lines };
}
