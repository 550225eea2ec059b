import type { ServerOptions, ServerSettings } from '@tandem/service-kit';
import { createServer } from '@tandem/service-kit';
import type { FastifyInstance } from 'fastify';
import manifest from '../package.json' with { type: 'json' };
import type { Config } from './config.ts';
import type { NotesDatabase } from './database.ts';
import { notesRepository } from './notes/repository.ts';
import { notesRoutes } from './notes/routes.ts';

export interface AppOptions extends Pick<ServerOptions, 'runtime'> {
  readonly settings: ServerSettings & Pick<Config, 'rateLimitMax' | 'userLookupUrl'>;
  /** Closed with the app. */
  readonly database: NotesDatabase;
}

/** Notes of users. Registers all routes. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { settings, database } = options;
  const { rateLimitMax, userLookupUrl } = settings;
  const app = await createServer({
    title: 'notes-service',
    description: 'Notes of users.',
    version: manifest.version,
    settings,
    runtime: options.runtime,
    rateLimitMax,
    checkDatabase: database.check,
    api(api) {
      notesRoutes(api, notesRepository(database), userLookupUrl);
    },
  });
  app.addHook('onClose', function closeDatabase() {
    return database.close();
  });
  return app;
}
