/** Spans of a Datadog v0.4 payload: MessagePack, a list of lists of maps. */
export function countDatadogSpans(body: Uint8Array): number {
  const traces = arrayAt(body, 0);
  let at = traces.next;
  let spans = 0;
  for (let trace = 0; trace < traces.length; trace++) {
    const list = arrayAt(body, at);
    spans += list.length;
    at = list.next;
    for (let span = 0; span < list.length; span++) at = skip(body, at);
  }
  return spans;
}

function arrayAt(bytes: Uint8Array, at: number): { length: number; next: number } {
  const type = bytes[at] ?? 0;
  if (type >> 4 === 0x9) return { length: type & 0x0f, next: at + 1 };
  if (type === 0xdc) return { length: unsigned(bytes, at + 1, 2), next: at + 3 };
  if (type === 0xdd) return { length: unsigned(bytes, at + 1, 4), next: at + 5 };
  throw new RangeError(`No MessagePack array at byte ${at}.`);
}

/** Bytes after the type byte, where they are fixed. */
const FIXED: Readonly<Record<number, number>> = {
  192: 0,
  194: 0,
  195: 0,
  202: 4,
  203: 8,
  204: 1,
  205: 2,
  206: 4,
  207: 8,
  208: 1,
  209: 2,
  210: 4,
  211: 8,
};

/** The position after the MessagePack value at `at`. */
function skip(bytes: Uint8Array, at: number): number {
  const type = bytes[at] ?? 0;
  if (type < 0x80 || type >= 0xe0) return at + 1;
  if (type >> 4 === 0x8) return skipMany(bytes, at + 1, 2 * (type & 0x0f));
  if (type >> 4 === 0x9) return skipMany(bytes, at + 1, type & 0x0f);
  if (type >> 5 === 0x5) return at + 1 + (type & 0x1f);
  const fixed = FIXED[type];
  if (fixed !== undefined) return at + 1 + fixed;
  const size = { 196: 1, 197: 2, 198: 4, 217: 1, 218: 2, 219: 4, 220: 2, 221: 4, 222: 2, 223: 4 }[type];
  if (size === undefined) throw new RangeError(`No MessagePack value is known by type ${type}.`);
  const length = unsigned(bytes, at + 1, size);
  const next = at + 1 + size;
  if (type <= 0xdb) return next + length;
  return skipMany(bytes, next, type <= 0xdd ? length : 2 * length);
}

function skipMany(bytes: Uint8Array, at: number, count: number): number {
  let next = at;
  for (let i = 0; i < count; i++) next = skip(bytes, next);
  return next;
}

function unsigned(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

/** Spans and transactions of an Elastic intake request: one JSON object per line. */
export function countElasticSpans(body: Buffer): number {
  return body
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('{"span"') || line.startsWith('{"transaction"')).length;
}

/** Spans of a Sentry envelope: items of spans say how many; a transaction is one, and has the others in it. */
export function countSentrySpans(body: Buffer): number {
  const lines = body.toString().split('\n');
  let spans = 0;
  for (let at = 1; at + 1 < lines.length; at += 2) {
    const item: { type?: string; item_count?: number } = JSON.parse(lines[at] || '{}');
    if (item.type === 'span') spans += item.item_count ?? 1;
    if (item.type === 'transaction') spans += 1 + JSON.parse(lines[at + 1] ?? '{}').spans.length;
  }
  return spans;
}

/** Spans of New Relic's `span_event_data`: run, what was seen, and the list of those that were kept. */
export function countNewRelicSpans(body: Buffer): number {
  return JSON.parse(body.toString())[2].length;
}
