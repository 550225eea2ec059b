/** Bytes of a body to look at. The names of its lists come early. */
const HEAD_BYTES = 64 * 1024;
/** A name of JSON, with the name's colon. */
const NAME = /"([A-Za-z_]{1,60})"\s*:/gu;
const LISTS: Readonly<Record<string, string>> = { traces: 'resourceSpans', logs: 'resourceLogs' };
/** Names of lists elsewhere: protobuf's own spelling, OTLP before 0.15, Tempo's, and the lists of metrics. */
const FOREIGN =
  /^(?:resource|scope)_(?:spans|logs|metrics)$|^instrumentation_?library_?(?:spans|logs)$|^batches$|^resourceMetrics$/iu;

/**
 * Why a JSON body has no items: names that OTLP does not have. Undefined for a body that is empty as OTLP has it. Unknown
 * names are ignored as the specification asks, so a sender would not learn that nothing was stored.
 */
export function notUnderstood(bytes: Uint8Array, signals: readonly string[]): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, HEAD_BYTES));
  const names = [...head.toString('latin1').matchAll(NAME)].map(([, name = '']) => name);
  const lists = signals.map((signal) => LISTS[signal] ?? '');
  const foreign = names.find((name) => FOREIGN.test(name));
  const first = names.some((name) => lists.includes(name)) ? undefined : names[0];
  const wrong = foreign ?? first;
  if (wrong === undefined) return undefined;
  const shape = lists.map((list) => `${list} > ${list.replace('resource', 'scope')}`).join(', or ');
  return `stored nothing: ${JSON.stringify(wrong)} is not a name of OTLP JSON here. OTLP JSON has ${shape} here`;
}
