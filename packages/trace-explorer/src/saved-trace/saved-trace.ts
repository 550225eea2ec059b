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

/** The content of a page; undefined where the page has none. @throws TypeError when the content is damaged */
export async function readSavedTrace(html: string): Promise<SavedTrace | undefined> {
  const [, packed] = HOLDER.exec(html) ?? [];
  if (packed === undefined) return undefined;
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(plain).json() as Promise<SavedTrace>;
}

/** The spans and the log records of a page as OTLP JSON export requests; undefined where the page has none. */
export async function documentsOfPage(html: string): Promise<string[] | undefined> {
  const saved = await readSavedTrace(html);
  if (saved === undefined) return undefined;
  const { spans, records } = saved;
  return [
    JSON.stringify({ resourceSpans: spans.flatMap(({ otlp }) => otlp.resourceSpans) }),
    JSON.stringify({ resourceLogs: records.flatMap(({ resourceLogs }) => resourceLogs) }),
  ];
}
