/** Objects and lists of an answer. Each takes up to 180 bytes while it is read; 32 MiB of usual OTLP JSON have 1.6 million. */
const MAX_OBJECTS = 2_000_000;

/** Members of bytes in OTLP. OTLP's JSON has them in hex; protobuf's JSON, which Tempo answers with, in base64. */
const IDS = new Set(['traceId', 'spanId', 'parentSpanId']);
/** Eight or sixteen bytes in base64. */
const BASE64_ID = /^(?:[\w+/-]{11}=|[\w+/-]{22}==)$/;

/**
 * The OTLP JSON in what another system answers: one object, or one per line; as it is, in `result` (Jaeger) or in `trace`
 * (Tempo), where the list may be called `batches`. Empty where none is in it.
 * @throws RangeError where the text has too many objects for the memory
 */
export function parseDocuments(answer: string): string[] {
  let objects = 0;
  for (let at = 0; at < answer.length; at++) if (answer[at] === '{' || answer[at] === '[') objects++;
  if (objects > MAX_OBJECTS)
    throw new RangeError(`it has more than ${MAX_OBJECTS} objects and lists. Take fewer traces at a time`);
  const documents = parse(answer.replace(/^\ufeff/u, '')).map((each) => {
    const { result, trace = result ?? each } = Object(each);
    const { batches, resourceSpans = batches, resourceLogs } = Object(trace);
    return { ...(resourceSpans && { resourceSpans }), ...(resourceLogs && { resourceLogs }) };
  });
  const found = documents.filter((document) => Object.keys(document).length > 0);
  return found.map((document) => JSON.stringify(document));
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
