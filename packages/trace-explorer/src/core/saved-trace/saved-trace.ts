import type { LogEntry } from '../logs/schemas.ts';
import type { honeycombForm } from '../traces/forms/honeycomb-form.ts';
import type { TraceOutline } from '../traces/model/outline.ts';

/** A span of a saved trace. */
export interface SavedSpan {
  /** An OTLP JSON export request with only this span. */
  readonly otlp: { readonly resourceSpans: readonly object[] };
  /** The span in Honeycomb's form. Events and links are annotations. */
  readonly honeycomb: ReturnType<typeof honeycombForm>;
}

/** Everything that the trace view shows of a trace: the content of a page in one file. */
export interface SavedTrace {
  readonly outline: TraceOutline;
  readonly spans: readonly SavedSpan[];
  readonly logs: readonly LogEntry[];
  /** An OTLP JSON export request of each log record. */
  readonly records: readonly { readonly resourceLogs: readonly object[] }[];
}

/** The element with the content: gzip in base64, so that no text of a span can be markup. */
const HOLDER = /<script type="text\/plain" id="saved-trace">([A-Za-z0-9+/=]*)<\/script>/;

/** The content as an element of HTML. @param packed the content as JSON, with gzip, in base64 */
export function holderOf(packed: string): string {
  return `<script type="text/plain" id="saved-trace">${packed}</script>`;
}

/** How much of a page an import accepts. */
interface ImportLimits {
  /** Bytes of the unpacked content. A page of 20,000 usual spans has 30 million. */
  readonly bytes: number;
  /** Objects and lists in this content. Each takes up to 100 bytes of memory, however few bytes its JSON has. */
  readonly objects: number;
}
export const IMPORT_LIMITS: ImportLimits = { bytes: 128 * 1024 * 1024, objects: 4_000_000 };
const [OPEN_OBJECT, OPEN_LIST] = [0x7b, 0x5b];

/**
 * The content of a page; undefined for a page without one.
 * @param limits where the page comes from someone else, and so may unpack to any size
 * @throws TypeError when the content is damaged, RangeError when it is too large
 */
export async function readSavedTrace(html: string, limits?: ImportLimits): Promise<SavedTrace | undefined> {
  const [, packed] = HOLDER.exec(html) ?? [];
  if (packed === undefined) return undefined;
  let beyond: RangeError | undefined;
  try {
    const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    const content = limits ? plain.pipeThrough(bound(limits, (error) => (beyond = error))) : plain;
    const saved = (await new Response(content).json()) as SavedTrace;
    if (Array.isArray(saved.spans) && Array.isArray(saved.records)) return saved;
    throw new TypeError('it has no lists of spans and records');
  } catch (cause) {
    // A browser tells of the stream's own error as of one of the network.
    if (beyond !== undefined) throw beyond;
    throw new TypeError('its trace is damaged. Save the page again, or import the trace as OTLP JSON', {
      cause,
    });
  }
}

/** Passes on the content, up to the limits. */
function bound(limits: ImportLimits, onEnd: (error: RangeError) => void) {
  let [byteCount, objects] = [0, 0];
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      byteCount += chunk.byteLength;
      for (const byte of chunk) if (byte === OPEN_OBJECT || byte === OPEN_LIST) objects++;
      if (byteCount > limits.bytes || objects > limits.objects) {
        const error = new RangeError(
          `the page holds more than ${limits.bytes / 1024 ** 2} MiB, or ${limits.objects} objects. Export the trace as OTLP JSON, and import that file`,
        );
        onEnd(error);
        throw error;
      }
      controller.enqueue(chunk);
    },
  });
}

/**
 * The spans and the log records of a page as OTLP JSON export requests; undefined for a page without content.
 * @throws TypeError when the content is damaged, RangeError when it exceeds the limits of an import
 */
export async function documentsOfPage(html: string, limits = IMPORT_LIMITS): Promise<string[] | undefined> {
  const saved = await readSavedTrace(html, limits);
  if (saved === undefined) return undefined;
  const { spans, records } = saved;
  return [
    JSON.stringify({ resourceSpans: spans.flatMap((span) => span?.otlp?.resourceSpans ?? []) }),
    JSON.stringify({ resourceLogs: records.flatMap((record) => record?.resourceLogs ?? []) }),
  ];
}
