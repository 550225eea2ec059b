/** Most bytes of another system's answer or file, because it is read as a whole. */
export const MAX_FOREIGN_BYTES = 32 * 1024 * 1024;

/** The words for a list that is too large to be read as a whole. */
export const TOO_LARGE = `it is a list of more than ${MAX_FOREIGN_BYTES / 2 ** 20} MiB, which is not read as a whole. Divide it, or let a Collector send it.`;

/** The words for a file or answer in which nothing is found. */
export const NOTHING_IN_IT =
  'it has no spans or log records. OTLP JSON has resourceSpans or resourceLogs. JSON of Jaeger’s page and of Zipkin will do, too.';

/** Forms that people have and that `import` does not read, each with what to do. */
const FORMS: readonly (readonly [members: readonly string[], advice: string])[] = [
  [
    ['SpanContext', 'StartTime'],
    'it has spans as Go’s exporter `stdouttrace` prints them, which lack types that OTLP has. Send them with the exporter `otlptracehttp`.',
  ],
  ...[
    ['instrumentationScope', 'traceId'],
    ['_spanContext', 'startTime'],
    ['context', 'start_time'],
  ].map(
    (members) =>
      [
        members,
        'it has spans as an SDK prints them for people, which lack types that OTLP has. Send them with an exporter for OTLP instead of the console’s.',
      ] as const,
  ),
  [
    ['data', 'time'],
    'it has events of Honeycomb, which lack the original form of spans. Send the spans to the explorer as OTLP.',
  ],
];

/** The advice for an object of a known form that is not read; undefined for any other. */
export function adviceFor(value: object): string | undefined {
  return FORMS.find(([members]) => members.every((member) => Object.hasOwn(value, member)))?.[1];
}
