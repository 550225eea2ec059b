import type { ServerSettings } from '@tandem/service-kit';
import { createServer } from '@tandem/service-kit';
import type { FastifyInstance } from 'fastify';
import manifest from '../package.json' with { type: 'json' };
import type { NotesDatabase } from './database.ts';
import { notesRepository } from './notes/repository.ts';
import { notesRoutes } from './notes/routes.ts';

export interface AppOptions extends ServerSettings {
  /** Closed with the app. */
  readonly database: NotesDatabase;
  /** Where user-lookup listens, such as `http://localhost:4568`. */
  readonly userLookupUrl: string;
}

/** Notes of users. Registers all routes. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { database, userLookupUrl } = options;
  const app = await createServer({
    ...options,
    title: 'notes-service',
    description: 'Notes of users.',
    version: manifest.version,
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
