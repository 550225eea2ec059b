import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ROOT } from '../../tools/root.ts';
import type { Addresses } from './addresses.ts';
import { localUrl, portOf } from './addresses.ts';
import type { RunningService } from './processes/pair-parts.ts';
import { pairParts } from './processes/pair-parts.ts';
import type { Part } from './processes/run-part.ts';

/**
 * Requests a minute under `dev`: twice what `load` sends at most. All of them come from this machine, so the limit of
 * 600 would only stop the developer, after 30 s of load.
 */
const DEVELOPER_RATE_LIMIT = 60_000;

/** The three processes of the workspace: explorer, user-lookup, activities-api. */
export function workspaceProcesses(addresses: Addresses, given: NodeJS.ProcessEnv, watch: boolean): Part[] {
  const explorer = join(ROOT, 'packages', 'trace-explorer');
  const service = (name: string, part: keyof Addresses): RunningService => {
    const folder = join(ROOT, 'services', name);
    return { name, folder, url: localUrl(addresses, part), watched: watchedIn(folder) };
  };
  const watchedIn = (folder: string) =>
    watch ? [...packagesOf(folder)].map((each) => join(each, 'src')) : undefined;
  return pairParts(given, {
    explorer: {
      directory: explorer,
      arguments: ['src/main.ts'],
      url: localUrl(addresses, 'page'),
      environment: {
        EXPLORER_QUERIES: resolve(ROOT, given.EXPLORER_QUERIES || 'honeycomb'),
        LOG_LEVEL: given.LOG_LEVEL || 'info',
      },
      watched: watchedIn(explorer),
    },
    services: [service('user-lookup', 'userLookup'), service('activities-api', 'api')],
    otlp: addresses.otlp.origin,
    shared: {
      DATA_DIR: resolve(ROOT, given.DATA_DIR || '.data'),
      EXPLORER_URL: localUrl(addresses, 'page'),
      BACKEND_URL: addresses.api.origin,
      USER_LOOKUP_URL: addresses.userLookup.origin,
      OTLP_PORT: String(portOf(addresses, 'otlp')),
      EXPOSE_METRICS: given.EXPOSE_METRICS || (watch ? 'true' : ''),
      EXPOSE_DOCUMENTATION: given.EXPOSE_DOCUMENTATION || (watch ? 'true' : ''),
      RATE_LIMIT_MAX: given.RATE_LIMIT_MAX || (watch ? String(DEVELOPER_RATE_LIMIT) : ''),
    },
  });
}

/** The folder of a package, and those of the workspace's packages that it loads. */
function packagesOf(directory: string, found = new Set<string>()): Set<string> {
  if (found.has(directory)) return found;
  found.add(directory);
  const { dependencies = {} } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  for (const [name, version] of Object.entries<string>(dependencies))
    if (version.startsWith('workspace:')) packagesOf(join(ROOT, 'packages', basename(name)), found);
  return found;
}
