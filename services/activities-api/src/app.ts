import type { ServerSettings } from '@tandem/service-kit/traced';
import { createServer } from '@tandem/service-kit/traced';
import type { FastifyInstance } from 'fastify';
import manifest from '../package.json' with { type: 'json' };
import { AuthorCache } from './activities/author-cache.ts';
import { activitiesRepository } from './activities/repository.ts';
import { activitiesRoutes } from './activities/routes.ts';
import type { ActivitiesDatabase } from './database.ts';
import { faultyUserDirectory } from './faulty-user-directory.ts';
import type { UserDirectory } from './user-directory.ts';

/** A feed with old names, or none, is worth more than one that comes late. */
const LOOKUP_TIMEOUT_MS = 1000;

export interface AppOptions extends ServerSettings {
  /** Closed with the app. */
  readonly database: ActivitiesDatabase;
  /** Closed with the app. */
  readonly users: UserDirectory;
  readonly corsOrigins: readonly string[];
  /** Whether strangers call it: their trace context becomes a link; false when left out. */
  readonly publicEdge?: boolean;
  readonly isStopping?: () => boolean;
  readonly now?: () => Date;
  /** Milliseconds that an answer waits for its authors; 1,000 when left out. */
  readonly lookupTimeoutMs?: number;
}

/** The public API: activities, their replies and their authors. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const {
    database,
    isStopping = () => false,
    now = () => new Date(),
    lookupTimeoutMs = LOOKUP_TIMEOUT_MS,
  } = options;
  const users = options.faultInjection === true ? faultyUserDirectory(options.users) : options.users;
  const app = await createServer({
    ...options,
    title: 'activities-api',
    description: 'Activities, their replies and their authors.',
    version: manifest.version,
    firstPath: '/api/activities/home',
    metrics: () => options.users.metrics?.() ?? [],
    readiness: { checkDatabase: () => database.check(), isStopping },
    api(api) {
      activitiesRoutes(api, {
        activities: activitiesRepository(database),
        users,
        authorCache: new AuthorCache(),
        now: () => now().toISOString(),
        lookupTimeoutMs,
      });
    },
  });
  app.addHook('onClose', async function closeConnections() {
    await Promise.all([database.close(), users.close()]);
  });
  return app;
}
