import type { SignalName } from '../report/describe-failure.ts';

/**
 * The items of a spool file that can still be read, as an export request, and their number. A file of a killed process
 * may be empty, cut, or damaged within.
 */
export async function readableItems(
  signal: SignalName['name'],
  bytes: Uint8Array,
): Promise<{ readonly body: Uint8Array; readonly items: number }> {
  const { decodeLogs, decodeTraces, encodeLogs, encodeTraces } = await import('@tandem/otlp');
  try {
    if (signal === 'logs') {
      const logs = decodeLogs(bytes, 'protobuf');
      return { body: logs.rejectedCount === 0 ? bytes : encodeLogs(logs), items: logs.recordCount };
    }
    const traces = decodeTraces(bytes, 'protobuf');
    return { body: traces.rejectedCount === 0 ? bytes : encodeTraces(traces), items: traces.spanCount };
  } catch {
    return { body: new Uint8Array(), items: 0 }; // nothing around the items can be read
  }
}
