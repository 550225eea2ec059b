import { mapLogs } from '../fields/map-logs.ts';
import { mapSpans } from '../fields/map-spans.ts';
import { datasetName, logsDatasetName } from './dataset-name.ts';
import type { ExportRequest } from './export-request.ts';
import { isLogs } from './export-request.ts';
import type { RowBuffer } from './row-buffer.ts';

/**
 * Adds the rows of a request, as many as `rowCount` says and in the same order every time.
 * @param now when it came, milliseconds since the epoch
 */
export function mapRequest(request: ExportRequest, now: number, rows: RowBuffer): void {
  const received = BigInt(now) * 1_000_000n;
  if (isLogs(request)) {
    for (const group of request.scopeLogs) {
      if (group.logRecords.length === 0) continue;
      const named = request.dataset;
      rows.group(group, logsDatasetName(group.resource.attributes, named), received, named);
      mapLogs(group, received, rows);
    }
    return;
  }
  for (const group of request.scopeSpans) {
    if (group.spans.length === 0) continue;
    const named = request.dataset;
    rows.group(group, datasetName(group.resource.attributes, named), received, named);
    mapSpans(group, received, rows);
  }
}
