import { fromJaeger, isJaegerTrace } from './jaeger.ts';
import { adviceFor } from './not-read.ts';
import { fromZipkin, isZipkinSpan } from './zipkin.ts';

/** Objects and lists of an answer. Each takes up to 180 bytes while it is read; 32 MiB of usual OTLP JSON have 1.6 million. */
const MAX_OBJECTS = 2_000_000;
/** Most spans of Zipkin in a document. A document of such spans has some 4 MiB. */
const MAX_ZIPKIN_SPANS = 5_000;

/** What Java's logger writes before a document. */
const LOGGED = 'INFO: ';

/** Members of bytes in OTLP. OTLP's JSON has them in hex; protobuf's JSON, which Tempo answers with, in base64. */
const IDS = new Set(['traceId', 'spanId', 'parentSpanId']);
/** Eight or sixteen bytes in base64. */
const BASE64_ID = /^(?:[\w+/-]{11}=|[\w+/-]{22}==)$/;

/**
 * The OTLP JSON in another system's answer or file. The text is one JSON value, one document after the other, or one per line. A value is a list of
 * values, or one of these objects: OTLP JSON as it is, in `result` (Jaeger) or in `trace` (Tempo), where the list may be
 * called `batches`; one ResourceSpans or ResourceLogs, as Java's logging exporter writes; traces of Jaeger's page; spans of
 * Zipkin.
 * @returns documents, each the body of a request; none where nothing of these is in the text
 * @throws TypeError for a known form that is not read, with advice
 * @throws RangeError where the text has too many objects for the memory
 */
export function parseDocuments(text: string): string[] {
  let objects = 0;
  for (let at = 0; at < text.length; at++) if (text[at] === '{' || text[at] === '[') objects++;
  if (objects > MAX_OBJECTS)
    throw new RangeError(`it has more than ${MAX_OBJECTS} objects and lists. Take fewer traces at a time`);
  const values = parse(text.replace(/^\ufeff/u, ''))
    .flat(2)
    .map(Object);
  const advice = values.length > 0 ? adviceFor(values[0] ?? {}) : undefined;
  if (advice !== undefined) throw new TypeError(advice);
  const zipkin = values.filter(isZipkinSpan);
  const documents = values.flatMap(documentsOf);
  for (let from = 0; from < zipkin.length; from += MAX_ZIPKIN_SPANS)
    documents.push(fromZipkin(zipkin.slice(from, from + MAX_ZIPKIN_SPANS)));
  return documents.map((document) => JSON.stringify(document));
}

/** The documents of one object that is not Zipkin's. */
function documentsOf(value: { [member: string]: unknown }): object[] {
  if (isJaegerTrace(value)) return [fromJaeger(value)];
  const { data, result, trace = result ?? value } = value;
  if (Array.isArray(data)) return data.map(Object).filter(isJaegerTrace).map(fromJaeger);
  const { batches, resourceSpans = batches, resourceLogs, scopeSpans, scopeLogs } = Object(trace);
  if (scopeSpans) return [{ resourceSpans: [trace] }];
  if (scopeLogs) return [{ resourceLogs: [trace] }];
  if (!resourceSpans && !resourceLogs) return [];
  return [{ ...(resourceSpans && { resourceSpans }), ...(resourceLogs && { resourceLogs }) }];
}

/** The values of a text, of its documents, of its lines, or of the lines of Java's logger; none where it is not JSON. */
function parse(text: string): unknown[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const logged = lines.filter((line) => line.startsWith(LOGGED)).map((line) => line.slice(LOGGED.length));
  for (const texts of [[text], text.split(/(?<=\}\r?)\n(?=\{)/u), lines, logged]) {
    if (texts.length === 0) continue;
    try {
      return texts.map((each) => JSON.parse(each, revive));
    } catch {}
  }
  // Node prints an object so.
  return /^\s*\{\s*resource: \{/u.test(text) ? [{ instrumentationScope: {}, traceId: '' }] : [];
}

/** Ids in hex, and whole numbers that JavaScript's numbers cannot hold as text, which OTLP takes. */
function revive(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value === 'string' && IDS.has(key) && BASE64_ID.test(value)) return hexOf(value);
  const isLarge = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isLarge && /^-?\d+$/.test(context?.source ?? '') ? context?.source : value;
}

/** Bytes in base64 as hex. Works in a browser, too. */
function hexOf(base64: string): string {
  const bytes = atob(base64.replaceAll('-', '+').replaceAll('_', '/'));
  return Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}
