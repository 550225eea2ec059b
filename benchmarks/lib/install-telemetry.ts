import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPackage } from '../../scripts/lib/pack-package.ts';

/**
 * Puts @tandem/telemetry into the `node_modules` of a folder as its tarball gives it to others: the tracers that it is
 * compared with are built JavaScript there, too. What it depends on the folder has of its own.
 */
export async function installTelemetry(folder: string): Promise<void> {
  const target = join(folder, 'node_modules', '@tandem', 'telemetry');
  const work = mkdtempSync(join(tmpdir(), 'tandem-bench-pack-'));
  try {
    const tarball = await packPackage('telemetry', work);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
