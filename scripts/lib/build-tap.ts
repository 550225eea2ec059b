import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnerLock } from '../../packages/telemetry/src/delivery/spool/owner-lock.ts';
import { tryLock } from '../../packages/telemetry/src/delivery/spool/owner-lock.ts';
import { bundleTap } from './bundle-tap.ts';
import { buildInto } from './own-build.ts';
import type { Ending } from './tap.ts';
import { STATE, tap } from './tap.ts';
import { ROOT } from './workspace.ts';

/** A build takes some seconds. */
const LOCK_TIMEOUT_MS = 120_000;
const LOCK_INTERVAL_MS = 100;

/**
 * Builds tap with the plugins of .taprc, in one file for tests, unless it is built so. One process at a time: two builds
 * at once delete each other's files.
 * @returns how `tap build` ended, or what stands for success where it was not needed
 * @throws Error naming the lock's folder, when another process has kept it for too long
 */
export async function buildTap(): Promise<Ending> {
  const lock = await takeLock();
  try {
    let ending: Ending = { code: 0, signal: null };
    // tap itself loads what it builds, and could not mend it.
    const folder = builtFolder();
    const isBuilt = await buildInto({ folder, inputs: [join(ROOT, '.taprc')] }, async () => {
      ending = await tap(['build']);
      return ending.code === 0;
    });
    if (isBuilt) await bundleTap(join(folder, 'dist', 'commonjs', 'index.js'));
    else
      console.error(
        `tap could not be built in ${folder}. If it was broken before, delete node_modules and try again.`,
      );
    return ending;
  } finally {
    lock.release();
  }
}

/** The folder of the package @tapjs/test that `tap build` writes. */
function builtFolder(): string {
  const fromTap = createRequire(createRequire(import.meta.url).resolve('tap'));
  return join(dirname(fromTap.resolve('@tapjs/test/package.json')), 'test-built');
}

async function takeLock(): Promise<OwnerLock> {
  mkdirSync(STATE, { recursive: true });
  for (const end = Date.now() + LOCK_TIMEOUT_MS; Date.now() < end; await sleep(LOCK_INTERVAL_MS)) {
    const lock = tryLock(STATE);
    if (lock !== undefined) return lock;
  }
  throw new Error(
    `Another process builds tap for longer than ${LOCK_TIMEOUT_MS / 1000} s; it has ${STATE} locked.`,
  );
}
