import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../../scripts/lib/free-port.ts';
import { ROOT } from '../../tools/root.ts';

/** Longest time for the first command, in milliseconds. */
const LIMIT_MS = 300_000;

/** Clones the workspace: the last commit, with nothing installed. */
export async function cloneWorkspace(folder: string): Promise<string> {
  await promisify(execFile)('git', ['clone', '--quiet', '--depth=1', pathToFileURL(ROOT).href, folder]);
  return folder;
}

/** Variables with which npm and pnpm keep what they fetch in a folder. */
export function keptIn(folder: string): NodeJS.ProcessEnv {
  return {
    npm_config_cache: join(folder, 'npm'),
    npm_config_store_dir: join(folder, 'store'),
    npm_config_cache_dir: join(folder, 'pnpm'),
  };
}

/** A workspace that runs. */
export interface RunningWorkspace {
  /** Origins. */
  readonly page: string;
  readonly api: string;
  stop(): Promise<void>;
}

/**
 * `node tandem dev` in a clone, on free ports, until its banner.
 *
 * @param packages a folder for what npm and pnpm fetch, which the next clone finds there
 * @throws Error with its output when it ends, or takes too long
 */
export async function startDev(folder: string, packages: string): Promise<RunningWorkspace> {
  const [page, api, lookup, otlp, grpc] = await Promise.all(Array.from({ length: 5 }, freePort));
  const child = spawn(process.execPath, ['tandem', 'dev'], {
    cwd: folder,
    env: {
      ...process.env,
      ...keptIn(packages),
      EXPLORER_URL: `http://localhost:${page}`,
      BACKEND_URL: `http://localhost:${api}`,
      USER_LOOKUP_URL: `http://localhost:${lookup}`,
      OTLP_PORT: String(otlp),
      OTLP_GRPC_PORT: String(grpc),
      DATA_DIR: '',
      HONEYCOMB_API_KEY: '',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const runs = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
        if (output.includes('Tandem runs.')) resolve();
      });
    child.once('exit', () => reject(new Error(`It ended:\n${output}`)));
    setTimeout(() => reject(new Error(`No banner in ${LIMIT_MS / 1000} s:\n${output}`)), LIMIT_MS).unref();
  });
  const stop = async () => {
    if (child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  await runs.catch(async (error) => {
    await stop();
    throw error;
  });
  return { page: `http://localhost:${page}`, api: `http://localhost:${api}`, stop };
}
