/** What to do about spans that a service lost, by the reason that its metrics give. */
const fixes: Readonly<Record<string, string>> = {
  queue_full: 'More spans waited than memory allows. Is the destination reachable, and fast enough?',
  spool_full: 'The spool on disk was full. Is the destination reachable? Then give the spool more room.',
  spool_old:
    'They were on disk for a week, and the destination refused all. Check the key and the endpoint: the service’s log says why.',
  disk_full: 'The volume of DATA_DIR is nearly full, and the spool leaves room for others. Make room on it.',
  spool_damaged: 'Bytes of the spool were damaged or removed. Check the disk that DATA_DIR is on.',
  rejected:
    'The destination refused them. Check the key and the endpoint: node tandem honeycomb:check says what is wrong.',
  too_large: 'Single spans were too large for the destination. Set OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT.',
  unencodable: 'An attribute could not be encoded. The service’s log names it.',
  shutdown: 'The process ended before they were sent. Give it more time to stop, or a spool.',
};

/** A sentence for a reason; one that is not known is named as it is. */
export function fixOf(reason: string): string {
  return fixes[reason] ?? `Lost: ${reason}. The service’s log says more.`;
}
