import type { Static } from 'typebox';
import Type from 'typebox';

/** The event name of the log record that says what an engine counted. */
export const PULLED = 'tandem.pull';
/** The resource attribute that names where pulled spans come from. */
export const PULL_NAME = 'tandem.pull.name';

/**
 * SQL of the condition that a row is not what an engine counted, which is no line of a service; undefined where nothing was
 * pulled.
 */
export function notCounted(fields: ReadonlyMap<string, { readonly sql: string }>): string | undefined {
  const [pull, event] = [fields.get(PULL_NAME), fields.get('event.name')];
  if (pull === undefined || event === undefined) return undefined;
  return `(${pull.sql} IS NULL OR CAST(${event.sql} AS VARCHAR) IS DISTINCT FROM '${PULLED}')`;
}

const text = Type.String();
const number = Type.Number();

/** What an engine counted in a range, of which some traces were pulled. */
export const Pulled = Type.Object({
  name: text,
  start: Type.Number({ description: 'seconds since the epoch, as end' }),
  end: number,
  traces: Type.Integer(),
  spans: Type.Integer(),
  pulled: Type.Integer({ description: 'traces that were pulled' }),
  where: Type.Optional(Type.String({ description: 'traces that touch checkout' })),
  part: Type.Optional(Type.String({ description: 'why not all chosen traces came' })),
  routes: Type.Array(
    Type.Object({
      service: text,
      name: text,
      requests: Type.Integer(),
      errors: Type.Integer(),
      p50_ms: number,
      p90_ms: number,
      p99_ms: number,
    }),
    { description: 'requests by where their trace begins; the ones with most requests' },
  ),
  more_routes: Type.Integer({ description: 'routes that are not in the list' }),
});
export type Pulled = Static<typeof Pulled>;
