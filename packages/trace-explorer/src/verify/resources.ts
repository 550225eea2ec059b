import type { Attribute } from '@tandem/otlp';
import { decodeResource } from '@tandem/otlp';
import type { Reading } from './reading.ts';

/** Resources that are read: those with the most rows. */
const MOST = 2_000;

/** A resource as a service sent it. */
export interface ServiceResource {
  readonly service: string;
  readonly attributes: readonly Attribute[];
  /** An attribute's value as text; undefined without the attribute, and for an empty text. */
  readonly text: (name: string) => string | undefined;
  readonly spans: number;
  readonly logs: number;
  readonly example: number;
}

/** The different resources of the rows in scope, by service; those with the most rows first. */
export async function readResources({ store, columns, within, read }: Reading): Promise<ServiceResource[]> {
  const rows = await read(
    `SELECT r.service, k.resource, any_value(k.id), sum(r.spans), sum(r.logs), max(r.example)
    FROM (SELECT _scope, ${columns.service} AS service, count(*) FILTER (${columns.isSpan}) AS spans,
        count(*) FILTER (${columns.isLog}) AS logs, max(_seq) FILTER (${columns.isSpan} OR ${columns.isLog}) AS example
      FROM spans WHERE ${within} GROUP BY 1, 2) r JOIN scopes k ON k.id = r._scope
    GROUP BY r.service, k.resource HAVING max(r.example) IS NOT NULL ORDER BY sum(r.spans) + sum(r.logs) DESC, 6 LIMIT ${MOST}`,
  );
  return Promise.all(
    rows.map(async ([service, stored, id, spans, logs, example]) => {
      const inRow = stored as Uint8Array;
      // A resource that is too large for its row is empty in the row, as a resource without attributes is.
      const bytes = inRow.byteLength > 0 ? inRow : ((await store.scope(Number(id)))?.resource ?? inRow);
      const { attributes } = decodeResource(bytes, '');
      const texts = new Map(attributes.map(({ key, value }) => [key, value === null ? '' : String(value)]));
      return {
        service: String(service),
        attributes,
        text: (name: string) => texts.get(name)?.trim() || undefined,
        spans: Number(spans),
        logs: Number(logs),
        example: Number(example),
      };
    }),
  );
}
