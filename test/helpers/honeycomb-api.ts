import Fastify from 'fastify';
import type { Test } from 'tap';
import { CONFIGURATION_KEY } from '../../packages/telemetry/test/doctor/honeycomb/fake-honeycomb.ts';
import { board, derivedColumn, marker, query, queryAnnotation, trigger } from './honeycomb-schemas.ts';

/** A body as it was sent, with what the server adds. */
export type Stored = Record<string, unknown> & { readonly id: string };

export interface HoneycombApi {
  readonly url: string;
  /** Created things, by the first part of their path. */
  readonly stored: Readonly<Record<string, Stored[]>>;
  /** Requests that change something: `POST /1/boards`. */
  readonly writes: string[];
}

export interface HoneycombApiOptions {
  /** Permissions that the key lacks, as `/1/auth` names them. */
  readonly without?: readonly string[];
  readonly environment?: string;
  /** Fields that events have; a query of others is refused. All are known when absent. */
  readonly columns?: readonly string[];
}

/**
 * The part of Honeycomb's API that definitions are applied to, on a free port, in memory. Bodies are checked against
 * the schemas that docs.honeycomb.io/api documents, and refused when they have more.
 */
export async function honeycombApi(t: Test, options: HoneycombApiOptions = {}): Promise<HoneycombApi> {
  const { without = [], environment = 'test', columns } = options;
  const stored: Record<string, Stored[]> = {};
  const writes: string[] = [];
  let count = 0;
  const app = Fastify({
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, strict: false } },
  });
  t.teardown(() => app.close());

  app.addHook('onRequest', async (request, reply) => {
    if (request.headers['x-honeycomb-team'] !== CONFIGURATION_KEY)
      return reply.code(401).send({ error: 'unknown API key - check your credentials' });
    const [, , part = ''] = request.url.split(/[/?]/);
    if (without.includes(PARTS[part]?.permission ?? '')) return reply.code(403).send({ error: 'forbidden' });
    if (request.method !== 'GET') writes.push(`${request.method} ${request.url}`);
  });
  app.setErrorHandler((error: { readonly message: string; readonly statusCode?: number }, _request, reply) =>
    reply.code(error.statusCode === 400 ? 422 : (error.statusCode ?? 500)).send({
      error: 'The provided input is invalid.',
      type_detail: [{ field: '', description: error.message }],
    }),
  );

  app.get('/1/auth', async () => ({
    api_key_access: Object.fromEntries(
      ['boards', 'columns', 'triggers', 'markers', 'queries', 'events'].map((name) => [
        name,
        !without.includes(name),
      ]),
    ),
    team: { name: 'Test', slug: 'test' },
    environment: { name: environment, slug: environment },
  }));

  for (const [part, { schema, inDataset, created = 201, answer = {}, check }] of Object.entries(PARTS)) {
    const list: Stored[] = [];
    stored[part] = list;
    const path = inDataset ? `/1/${part}/__all__` : `/1/${part}`;
    const find = (id: string) => {
      const found = list.findIndex((each) => each.id === id);
      if (found < 0) throw Object.assign(new Error(`${part} ${id} not found`), { statusCode: 404 });
      return found;
    };
    const inspect = (body: Record<string, unknown>) => {
      const problem = check?.(body, stored, columns);
      if (problem !== undefined) throw Object.assign(new Error(problem), { statusCode: 422 });
    };
    // A query is found by its id alone.
    if (part !== 'queries') app.get(path, async () => list);
    app.get<{ Params: { id: string } }>(`${path}/:id`, async ({ params }) => list[find(params.id)]);
    app.post<{ Body: Record<string, unknown> }>(
      path,
      { schema: { body: schema } },
      async ({ body }, reply) => {
        inspect(body);
        const each = { ...body, ...answer, id: `${part}-${++count}` };
        list.push(each);
        return reply.code(created).send(each);
      },
    );
    if (part === 'queries') continue; // never changes
    app.put<{ Body: Record<string, unknown>; Params: { id: string } }>(
      `${path}/:id`,
      { schema: { body: schema } },
      async ({ body, params }) => {
        const at = find(params.id);
        const before = list[at];
        if (part === 'query_annotations' && before?.query_id !== body.query_id)
          throw Object.assign(new Error('query_id cannot be changed'), { statusCode: 422 });
        inspect(body);
        const each = { ...body, ...answer, id: params.id };
        list[at] = each;
        return each;
      },
    );
    app.delete<{ Params: { id: string } }>(`${path}/:id`, async ({ params }, reply) => {
      list.splice(find(params.id), 1);
      return reply.code(204).send();
    });
  }
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, stored, writes };
}

interface Part {
  /** The permission that the key needs, as `/1/auth` names it. */
  readonly permission: string;
  readonly schema: object;
  /** Whether the path names a dataset. */
  readonly inDataset: boolean;
  /** Status of an answer that something was created. */
  readonly created?: number;
  /** Fields that the server adds. */
  readonly answer?: Readonly<Record<string, unknown>>;
  /** Checks that a schema cannot express. Returns the mistake. */
  readonly check?: (
    body: Record<string, unknown>,
    stored: Readonly<Record<string, Stored[]>>,
    columns: readonly string[] | undefined,
  ) => string | undefined;
}

const PARTS: Readonly<Record<string, Part>> = {
  derived_columns: {
    permission: 'columns',
    inDataset: true,
    schema: derivedColumn,
    answer: { created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' },
  },
  queries: {
    permission: 'columns',
    inDataset: true,
    created: 200,
    schema: query,
    check: (body, stored, columns) => unknownColumn(body, [...(columns ?? []), ...aliases(stored)], columns),
  },
  query_annotations: {
    permission: 'columns',
    inDataset: true,
    schema: queryAnnotation,
    answer: { source: 'query' },
    check: ({ query_id: id }, { queries = [] }) =>
      queries.some((each) => each.id === id) ? undefined : `there is no query ${id}`,
  },
  boards: {
    permission: 'boards',
    inDataset: false,
    schema: board,
    answer: { links: { board_url: 'https://ui.honeycomb.io/test/environments/test/board/1' } },
    check(body, { queries = [], query_annotations: annotations = [] }) {
      for (const { query_panel: panel } of body.panels as { query_panel?: Record<string, string> }[])
        if (
          panel !== undefined &&
          !(
            queries.some(({ id }) => id === panel.query_id) &&
            annotations.some(
              ({ id, query_id }) => id === panel.query_annotation_id && query_id === panel.query_id,
            )
          )
        )
          return `no query and annotation of ${JSON.stringify(panel)}`;
      return undefined;
    },
  },
  triggers: {
    permission: 'triggers',
    inDataset: true,
    schema: trigger,
    answer: { triggered: false, dataset_slug: '__all__' },
    check({ query: asked, frequency }) {
      const {
        calculations = [],
        time_range: range = 0,
        orders,
        limit,
      } = asked as {
        readonly calculations?: readonly { readonly op: string }[];
        readonly time_range?: number;
        readonly orders?: unknown;
        readonly limit?: unknown;
      };
      if (calculations.length !== 1 || calculations[0]?.op === 'HEATMAP')
        return 'one calculation, and no HEATMAP';
      if (orders !== undefined || limit !== undefined) return 'no orders and no limit';
      const seconds = frequency as number;
      return range >= seconds && range <= 4 * seconds
        ? undefined
        : 'time_range is 1 to 4 times the frequency';
    },
  },
  markers: {
    permission: 'markers',
    inDataset: true,
    schema: marker,
    answer: { created_at: '2026-01-01T00:00:00Z', color: '#F96E11' },
  },
};

function aliases({ derived_columns: columns = [] }: Readonly<Record<string, Stored[]>>): unknown[] {
  return columns.map(({ alias }) => alias);
}

function unknownColumn(
  body: Record<string, unknown>,
  known: readonly unknown[],
  columns: readonly string[] | undefined,
): string | undefined {
  if (columns === undefined) return undefined;
  const named = [body.calculations, body.filters]
    .flatMap((each) => (each ?? []) as readonly { readonly column?: string }[])
    .flatMap(({ column }) => column ?? []);
  const missing = [...named, ...((body.breakdowns ?? []) as string[])].find((each) => !known.includes(each));
  return missing && `unknown column: ${missing}`;
}
