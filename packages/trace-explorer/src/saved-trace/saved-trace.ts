import type { LogEntry } from '../logs/read-logs.ts';
import type { honeycombForm } from '../traces/forms/honeycomb-form.ts';
import type { TraceOutline } from '../traces/model/outline.ts';

/** A span of a saved trace. */
export interface SavedSpan {
  /** An OTLP JSON export request with this span alone. */
  readonly otlp: { readonly resourceSpans: readonly object[] };
  /** The span as Honeycomb has it; events and links are annotations. */
  readonly honeycomb: ReturnType<typeof honeycombForm>;
}

/** Everything that the trace view shows of a trace: the content of a page that is one file. */
export interface SavedTrace {
  readonly outline: TraceOutline;
  /** In the outline's order. */
  readonly spans: readonly SavedSpan[];
  readonly logs: readonly LogEntry[];
  /** An OTLP JSON export request of each log record. */
  readonly records: readonly { readonly resourceLogs: readonly object[] }[];
}

/** The element that has the content: gzip in base64, so that no text of a span can be markup. */
const HOLDER = /<script type="text\/plain" id="saved-trace">([A-Za-z0-9+/=]*)<\/script>/;

/** The content as an element of HTML. @param packed the content as JSON, with gzip, in base64 */
export function holderOf(packed: string): string {
  return `<script type="text/plain" id="saved-trace">${packed}</script>`;
}

/** Bytes of a page's content that are imported, unpacked: a page of 20,000 usual spans has 30 million. */
const MAX_IMPORTED_BYTES = 128 * 1024 * 1024;
/** Objects and lists in them: each takes up to 100 bytes of memory, however few bytes it has as JSON. */
const MAX_IMPORTED_OBJECTS = 4_000_000;
const [OPEN_OBJECT, OPEN_LIST] = [0x7b, 0x5b];

/**
 * The content of a page; undefined where the page has none.
 * @param isBounded whether it is another's page, which may unpack to any size
 * @throws TypeError when the content is damaged, RangeError when it is too large
 */
export async function readSavedTrace(html: string, isBounded = false): Promise<SavedTrace | undefined> {
  const [, packed] = HOLDER.exec(html) ?? [];
  if (packed === undefined) return undefined;
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(isBounded ? plain.pipeThrough(bound()) : plain).json() as Promise<SavedTrace>;
}

/** Passes on as much content as an import takes. */
function bound() {
  let [byteCount, objects] = [0, 0];
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      byteCount += chunk.byteLength;
      for (const byte of chunk) if (byte === OPEN_OBJECT || byte === OPEN_LIST) objects++;
      if (byteCount > MAX_IMPORTED_BYTES || objects > MAX_IMPORTED_OBJECTS)
        throw new RangeError(
          `the page holds more than ${MAX_IMPORTED_BYTES / 1024 ** 2} MiB, or ${MAX_IMPORTED_OBJECTS} objects. Export the trace as OTLP JSON, and import that file`,
        );
      controller.enqueue(chunk);
    },
  });
}

/**
 * The spans and the log records of a page as OTLP JSON export requests; undefined where the page has none.
 * @throws TypeError when the content is damaged, RangeError when it is larger than an import takes
 */
export async function documentsOfPage(html: string): Promise<string[] | undefined> {
  const saved = await readSavedTrace(html, true);
  if (saved === undefined) return undefined;
  const { spans, records } = saved;
  return [
    JSON.stringify({ resourceSpans: spans.flatMap(({ otlp }) => otlp.resourceSpans) }),
    JSON.stringify({ resourceLogs: records.flatMap(({ resourceLogs }) => resourceLogs) }),
  ];
}
