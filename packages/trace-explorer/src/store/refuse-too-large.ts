import type { ExportRequest } from './export-request.ts';
import { isLogs, onlyFitting } from './export-request.ts';
import type { Refused } from './types.ts';

/** The part of a request that can be stored, and what of it never can be: sending that again would not help. */
export function refuseTooLarge(
  request: ExportRequest,
  maxItemBytes: number,
  maxBytes: number,
): { readonly storable: ExportRequest; readonly refused?: Refused } {
  // A resource is stored once, but has to be there as long as any of its spans.
  const { fitting, left } = onlyFitting(
    request,
    ({ raw }, { resource, scope }) =>
      resource.raw.byteLength + scope.raw.byteLength + raw.byteLength <= maxItemBytes,
  );
  if (left === 0) return { storable: request };
  const item = isLogs(request) ? 'log record' : 'span';
  const reason = `${left === 1 ? `1 ${item} is` : `${left} ${item}s are`} larger, with the resource, than ${mebibytes(maxItemBytes)} MiB, the most that a store of ${mebibytes(maxBytes)} MiB keeps; see EXPLORER_MAX_BYTES`;
  return { storable: fitting, refused: { count: left, reason } };
}

function mebibytes(bytes: number): number {
  return Math.round((bytes / 1024 ** 2) * 10) / 10;
}
