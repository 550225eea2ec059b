import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '../../opentelemetry/sdk.ts';

/** The name rule of database spans. */
export function dbViolations({ name, attributes }: ReadableSpan): string[] {
  const expected = expectedName(attributes);
  if (expected === undefined || name === expected) return [];
  return [`name must be ${JSON.stringify(expected)}, not ${JSON.stringify(name)}`];
}

function expectedName(attributes: Attributes): string | undefined {
  const summary = text(attributes, 'db.query.summary');
  if (summary !== undefined) return summary;
  const operation = text(attributes, 'db.operation.name');
  const target = targetOf(attributes);
  if (operation !== undefined) return target === undefined ? operation : `${operation} ${target}`;
  return target ?? text(attributes, 'db.system.name');
}

function targetOf(attributes: Attributes): string | undefined {
  const entity =
    text(attributes, 'db.collection.name') ??
    text(attributes, 'db.stored_procedure.name') ??
    text(attributes, 'db.namespace');
  if (entity !== undefined) return entity;
  const address = text(attributes, 'server.address');
  const port = attributes['server.port'];
  return address === undefined || port === undefined ? address : `${address}:${port}`;
}

function text(attributes: Attributes, key: string): string | undefined {
  const value = attributes[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
