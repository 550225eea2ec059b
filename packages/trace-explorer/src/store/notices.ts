import type { Counters } from './counters.ts';
import type { FieldCatalogue } from './field-catalogue.ts';

/** What a person should know of what the store could not keep, one sentence each. */
export function storeNotices(catalogue: FieldCatalogue, counters: Counters, maxBytes: number): string[] {
  const said: string[] = [];
  if (catalogue.spilledCount > 0) {
    said.push(
      `${catalogue.spilledCount} fields beyond the first ${catalogue.inColumnsCount} share one column: they can be queried, slower.`,
    );
  }
  if (catalogue.hasUnlisted) {
    said.push('Too many different field names: some are kept with their spans only and cannot be queried.');
  }
  if (!catalogue.knowsDatasets) {
    said.push(
      'There are too many services to know which fields each of them has: all fields are listed for each. Is service.name different for each process, or each request?',
    );
  }
  const cap = `The store reached its cap of ${Math.round(maxBytes / 1024 ** 2)} MiB`;
  const [spans, logs] = [counters.get('evicted_bytes'), counters.get('evicted_bytes_logs')];
  if (spans > 0) said.push(`${cap}: ${spans} spans of the oldest traces were dropped.`);
  if (logs > 0) said.push(`${cap}: ${logs} of the oldest log records were dropped.`);
  if (counters.get('failed') > 0) {
    said.push(`${counters.get('failed')} spans could not be written to disk.`);
  }
  if (counters.get('failed_logs') > 0) {
    said.push(`${counters.get('failed_logs')} log records could not be written to disk.`);
  }
  return said;
}
