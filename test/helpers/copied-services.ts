import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { ROOT } from './processes.ts';

const KIT = join('packages', 'service-kit');

/**
 * A copy of the sources of both services and of the kit, for a test that changes them. Everything else is the workspace's.
 * @returns its root; the end of the test removes it
 */
export function copyServices(t: Test): string {
  const root = mkdtempSync(join(tmpdir(), 'tandem-copied-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  for (const folder of ['services/activities-api', 'services/user-lookup', KIT]) {
    cpSync(join(ROOT, folder, 'src'), join(root, folder, 'src'), { recursive: true });
    cpSync(join(ROOT, folder, 'package.json'), join(root, folder, 'package.json'));
    linkPackages(join(ROOT, folder, 'node_modules'), join(root, folder, 'node_modules'), root);
  }
  return root;
}

/** Links what is installed; the kit is the copied one. */
function linkPackages(from: string, to: string, root: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name.startsWith('.')) continue;
    if (name.startsWith('@')) linkPackages(join(from, name), join(to, name), root);
    else {
      const target = realpathSync(join(from, name));
      symlinkSync(target === join(ROOT, KIT) ? join(root, KIT) : target, join(to, name));
    }
  }
}
