import type { Attribute } from '@tandem/otlp';
import { decodeResource } from '@tandem/otlp';
import { bytes, namedColumns, number, text } from '../../../core/store/read/named-columns.ts';
import { counted } from '../../../lib/text/words.ts';
import type { Reading } from './reading.ts';
import type { Fault } from './rule.ts';

/** Most resources of a report: the resources with the most rows. */
const MOST = 2_000;

export interface ServiceResource {
  readonly service: string;
  readonly attributes: readonly Attribute[];
  /** An attribute's value as text; undefined without the attribute, and for an empty text. */
  readonly text: (name: string) => string | undefined;
  readonly spans: number;
  readonly logs: number;
  readonly example: number;
}

/** The different resources of the rows in scope, by service; resources with the most rows come first. */
export async function readResources({ store, columns, within, read }: Reading): Promise<ServiceResource[]> {
  const rows = await read(
    `SELECT ${RESOURCE.sql} FROM (SELECT _scope, ${columns.service} AS service, count(*) FILTER (${columns.isSpan}) AS spans,
        count(*) FILTER (${columns.isLog}) AS logs, max(_seq) FILTER (${columns.isSpan} OR ${columns.isLog}) AS example
      FROM spans WHERE ${within} GROUP BY 1, 2) r JOIN scopes k ON k.id = r._scope
    GROUP BY r.service, k.resource HAVING max(r.example) IS NOT NULL ORDER BY sum(r.spans) + sum(r.logs) DESC, max(r.example) LIMIT ${MOST}`,
  );
  // A resource that is too large for its row is empty in the row, as a resource without attributes is.
  const resources = rows.map(RESOURCE.rowOf);
  const whole = await store.scopes(resources.flatMap(({ message, id }) => (isEmpty(message) ? id : [])));
  return resources.map(({ message, id, ...counts }) => {
    const stored = isEmpty(message) ? whole.get(id)?.resource : message;
    const { attributes } = decodeResource(stored ?? message, '');
    const texts = new Map(attributes.map(({ key, value }) => [key, value === null ? '' : String(value)]));
    const textOf = (name: string) => texts.get(name)?.trim() || undefined;
    return { attributes, text: textOf, ...counts };
  });
}

const RESOURCE = namedColumns({
  service: text('r.service'),
  message: bytes('k.resource'),
  id: number('any_value(k.id)'),
  spans: number('sum(r.spans)'),
  logs: number('sum(r.logs)'),
  example: number('max(r.example)'),
});

function isEmpty(message: Uint8Array): boolean {
  return message.byteLength === 0;
}

/** Resources of one service that a rule found, as one fault. */
interface ResourceFault extends Fault {
  /** The number of their rows: `3 spans and 1 log record`. */
  readonly rows: string;
  readonly first: ServiceResource;
}

/** One fault for each service with such resources, about the rows of all of them. */
export async function findResources(
  reading: Reading,
  isWrong: (resource: ServiceResource) => boolean,
): Promise<ResourceFault[]> {
  const wrong = (await reading.resources()).filter(isWrong);
  return [...Map.groupBy(wrong, ({ service }) => service)].map(([service, own]) => {
    const [first] = own as [ServiceResource];
    const sum = (key: 'spans' | 'logs') => own.reduce((total, resource) => total + resource[key], 0);
    const [spans, logs] = [sum('spans'), sum('logs')];
    const parts = [spans > 0 && counted(spans, 'span'), logs > 0 && counted(logs, 'log record')];
    const example = Math.max(...own.map(({ example }) => example));
    return { service, count: spans + logs, example, rows: parts.filter(Boolean).join(' and '), first };
  });
}
