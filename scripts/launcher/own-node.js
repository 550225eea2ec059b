import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { platform, arch, report } = process;
const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'packages', 'own-node');
/** The packages of npm that are a Node for one machine each. No script installs them, and the lock file has their hashes. */
const PACKAGES = Object.keys(
  JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8')).optionalDependencies,
);
const SYSTEM = platform === 'win32' ? 'win' : platform;
const PACKAGE = PACKAGES.find((name) => name.endsWith(`-${SYSTEM}-${arch}`));

/** Where the Node is, or will be, that a caller gets whose own will not do. */
export const OWN_NODE = join(
  ...[FOLDER, 'node_modules', PACKAGE ?? 'none', 'bin'],
  platform === 'win32' ? 'node.exe' : 'node',
);

/** Whether npm has a Node for this machine. Those for Linux need glibc. */
export function hasOwnNode() {
  if (PACKAGE === undefined) return false;
  return platform !== 'linux' || report.getReport().header.glibcVersionRuntime !== undefined;
}
