import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { deadlineIn } from '../shared/deadline.ts';
import type { SpanStore } from '../store/store.ts';

/** Rows looked at, the newest ones: enough to know which fields are common. */
const ROWS = 20_000;
const TIMEOUT_MS = 5_000;

/** `GET /api/fields`: how common each field is, so that a completion can begin with what people look for. */
export async function fieldRoutes(instance: FastifyInstance, { store }: { store: SpanStore }): Promise<void> {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  app.get(
    '/api/fields',
    {
      schema: {
        tags: ['query'],
        summary: 'How many of the newest spans have each field',
        description: `Of the newest ${ROWS} spans, span events, links and log records. Fields beyond the column limit are left out.`,
        response: {
          200: Type.Object({ rows: Type.Integer(), fields: Type.Record(Type.String(), Type.Integer()) }),
        },
      },
    },
    async function countFields() {
      const fields = [...store.fields().values()].filter(({ spilled }) => !spilled);
      const counts = fields.map(({ sql }) => `count(${sql})`);
      const { rows } = await store.read(
        `SELECT count(*), ${counts.join(', ')} FROM spans WHERE _seq > (SELECT max(_seq) FROM spans) - ${ROWS}`,
        [],
        { deadline: deadlineIn(TIMEOUT_MS), short: true },
      );
      const [all = 0, ...found] = rows[0] ?? [];
      const used = fields
        .map(({ name }, i) => [name, Number(found[i])] as const)
        .filter(([, count]) => count > 0);
      return { rows: Number(all), fields: Object.fromEntries(used) };
    },
  );
}
