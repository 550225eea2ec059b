import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { SpanStore } from '../../../../core/store/store.ts';
import { documented } from '../../../../http/documented.ts';
import { whileAwaited } from '../../../../http/while-awaited.ts';

/** Rows to count, the newest ones: enough to know which fields are common. */
const ROWS = 20_000;

const FieldUse = Type.Object({ rows: Type.Integer(), fields: Type.Record(Type.String(), Type.Integer()) });

/** `GET /api/fields`: how common each field is, so that a completion can begin with the usual fields. */
export const fieldRoutes: FastifyPluginAsyncTypebox<{ store: SpanStore }> = async (app, { store }) => {
  app.get(
    '/api/fields',
    documented('query', 'For each field, how many of the newest spans have it', FieldUse, {
      description: `Of the newest ${ROWS} spans, span events, links and log records. Without the fields beyond the column limit.`,
    }),
    async function countFields(_request, reply) {
      const fields = [...store.fields().values()].filter(({ spilled }) => !spilled);
      const counts = fields.map(({ sql }) => `count(${sql})`);
      const { rows } = await store.read(
        `SELECT count(*), ${counts.join(', ')} FROM spans WHERE _seq > (SELECT max(_seq) FROM spans) - ${ROWS}`,
        [],
        { ...whileAwaited(reply), short: true },
      );
      const [all = 0, ...found] = rows[0] ?? [];
      const used = fields
        .map(({ name }, i) => [name, Number(found[i])] as const)
        .filter(([, count]) => count > 0);
      return { rows: Number(all), fields: Object.fromEntries(used) };
    },
  );
};
