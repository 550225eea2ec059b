import { join } from 'node:path';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import Type from 'typebox';
import { documented } from '../http/documented.ts';
import { readJsonFile, writeJsonFile } from '../lib/node/json-file.ts';
import { serviceColors } from './places/service-color.ts';
import type { SpanStore } from './store/store.ts';

/** Most services in the file. A store with more has names that are not services. */
const MOST = 2000;

/** The colour of each service. A service keeps its colour in every view and after a restart. */
export class ServiceColors {
  readonly #store: SpanStore;
  readonly #path: string | undefined;
  readonly #log: FastifyBaseLogger;
  #colors: Promise<ReadonlyMap<string, number>> | undefined;

  /** @param directory folder of the colours; without one, memory alone keeps them */
  constructor(store: SpanStore, directory: string | undefined, log: FastifyBaseLogger) {
    this.#store = store;
    this.#path = directory === undefined ? undefined : join(directory, 'service-colors.json');
    this.#log = log;
  }

  /** The colours by service. A service that is new since the last call gets a colour that no other service has. */
  read(): Promise<ReadonlyMap<string, number>> {
    this.#colors = this.#next(this.#colors ?? this.#kept());
    return this.#colors;
  }

  async #next(last: Promise<ReadonlyMap<string, number>>): Promise<ReadonlyMap<string, number>> {
    const [before, datasets] = await Promise.all([last, this.#store.datasets()]);
    const fresh = datasets.map(({ name }) => name).filter((name) => !before.has(name));
    if (fresh.length === 0 || before.size + fresh.length > MOST) return before;
    const colors = serviceColors(fresh, before);
    if (this.#path !== undefined) {
      // Without the file, colours may change after a restart.
      await writeJsonFile(this.#path, Object.fromEntries(colors)).catch((err) =>
        this.#log.warn({ err }, 'the disk did not take the colours of services'),
      );
    }
    return colors;
  }

  async #kept(): Promise<ReadonlyMap<string, number>> {
    try {
      const kept = this.#path === undefined ? undefined : await readJsonFile(this.#path);
      // Colours of an earlier version were texts: their services get new ones.
      const indexes = Object.entries(kept ?? {}).filter((each): each is [string, number] =>
        Number.isInteger(each[1]),
      );
      return new Map(indexes);
    } catch (err) {
      this.#log.warn({ err }, `${this.#path} could not be read: services get new colours`);
      return new Map();
    }
  }
}

/** `GET /api/services/colors`: the index of each service's colour. */
export async function serviceColorRoutes(
  app: FastifyInstance,
  { colors }: { colors: ServiceColors },
): Promise<void> {
  app.get(
    '/api/services/colors',
    documented(
      'overview',
      'The colour of each service, which is equal in every view: an index from 0, with a hue that returns after eight',
      Type.Record(Type.String(), Type.Integer()),
    ),
    async function showColors() {
      return Object.fromEntries(await colors.read());
    },
  );
}
