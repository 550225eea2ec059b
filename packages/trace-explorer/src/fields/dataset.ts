import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import { truncate } from './truncate.ts';

/**
 * Honeycomb's dataset of a resource's spans: its service name, `unknown_service` where there is none.
 * @param named by the sender, with a key that makes it count: the dataset of all spans
 */
export function datasetOf(attributes: readonly Attribute[], named?: string): string {
  return named ?? serviceOf(attributes) ?? 'unknown_service';
}

/**
 * The same of its log records: `unknown_log_source` where there is none.
 * @param named by the sender: the dataset of what has no service name
 */
export function logsDatasetOf(attributes: readonly Attribute[], named?: string): string {
  return serviceOf(attributes) ?? named ?? 'unknown_log_source';
}

function serviceOf(attributes: readonly Attribute[]): string | undefined {
  let name = '';
  for (const attribute of attributes) {
    if (attribute.key === 'service.name' && attribute.kind === ValueKind.string) {
      name = (attribute.value as string).trim();
    }
  }
  return name === '' || name.startsWith('unknown_service') ? undefined : truncate(name);
}
