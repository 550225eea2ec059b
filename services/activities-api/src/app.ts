import type { Database, PressureLimits } from '@tandem/service-kit';
import { createServer } from '@tandem/service-kit';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import manifest from '../package.json' with { type: 'json' };
import { activitiesRepository } from './activities/repository.ts';
import { activitiesRoutes } from './activities/routes.ts';
import type { ActivitiesSchema } from './database.ts';
import type { UserDirectory } from './users/directory.ts';

export interface AppOptions {
  /** Closed with the app. */
  readonly database: Database<ActivitiesSchema>;
  /** Closed with the app. */
  readonly users: UserDirectory;
  readonly logger?: FastifyBaseLogger;
  readonly rateLimitMax: number;
  readonly corsOrigins: readonly string[];
  /** Lets requests ask for faults; false when left out. */
  readonly faultInjection?: boolean;
  readonly pressure?: PressureLimits;
  readonly reportError?: (error: Error) => void;
  readonly isStopping?: () => boolean;
  readonly now?: () => Date;
  /** Milliseconds an answer waits for its authors. */
  readonly lookupTimeoutMs?: number;
}

/** The public API: activities, their replies and their authors. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const {
    database,
    users,
    isStopping = () => false,
    now = () => new Date(),
    lookupTimeoutMs = 1000,
  } = options;
  const app = await createServer({
    ...options,
    title: 'activities-api',
    description: 'Activities, their replies and their authors.',
    version: manifest.version,
    readiness: { checkDatabase: () => database.check(), isStopping },
    api(api) {
      activitiesRoutes(api, {
        activities: activitiesRepository(database),
        users,
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
