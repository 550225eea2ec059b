import { CliError } from '../client/explorer-client.ts';

/** Members of bytes in OTLP. OTLP's JSON has them in hex; protobuf's JSON, which Tempo answers with, in base64. */
const IDS = new Set(['traceId', 'spanId', 'parentSpanId']);
/** Eight or sixteen bytes in base64. */
const BASE64_ID = /^(?:[\w+/-]{11}=|[\w+/-]{22}==)$/;

/**
 * The OTLP JSON in what another system answers: one object, or one per line; as it is, in `result` (Jaeger) or in `trace`
 * (Tempo), where the list may be called `batches`.
 *
 * @param from names the source in an error
 * @throws CliError where none is in it
 */
export function parseDocuments(answer: string, from: string): string[] {
  const documents = parse(answer).map((each) => {
    const { result, trace = result ?? each } = Object(each);
    const { batches, resourceSpans = batches, resourceLogs } = Object(trace);
    return { ...(resourceSpans && { resourceSpans }), ...(resourceLogs && { resourceLogs }) };
  });
  const found = documents.filter((document) => Object.keys(document).length > 0);
  if (found.length > 0) return found.map((document) => JSON.stringify(document));
  throw new CliError(
    `${from}: it did not answer with OTLP JSON. Jaeger does at /api/v3/traces/ID, Tempo at /api/v2/traces/ID.`,
  );
}

/** The objects of a text; none where it is not JSON. */
function parse(answer: string): unknown[] {
  for (const texts of [[answer], answer.split('\n').filter((line) => line.trim() !== '')]) {
    try {
      return texts.map((text) => JSON.parse(text, revive));
    } catch {}
  }
  return [];
}

/** Ids in hex, and whole numbers that JavaScript's numbers cannot hold as text, which OTLP takes. */
function revive(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value === 'string' && IDS.has(key) && BASE64_ID.test(value))
    return Buffer.from(value, 'base64').toString('hex');
  const isLarge = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isLarge && /^-?\d+$/.test(context?.source ?? '') ? context?.source : value;
}
