import type { ExportSignal } from '@tandem/otlp';
import { decodeLogs, decodeTraces, encodeLogs, encodeTraces } from '@tandem/otlp';
import { formOf, packBody, unpackBody } from './join-bodies.ts';

/** A request to send, and the number of its spans or log records. */
export interface Request {
  readonly body: Uint8Array;
  readonly items: number;
}

/** Bytes of a body that the receiver took, unpacked; the same as the intake's. */
const MAX_BODY_BYTES = 20 * 1024 * 1024;

/** The two halves of a request that was too large; nothing of a request that cannot be halved: one item, or metrics. */
export async function halveBody(body: Uint8Array, signal: ExportSignal): Promise<Request[]> {
  if (signal === 'metrics') return [];
  const isPacked = formOf(body) === 'gzip';
  const plain = isPacked ? await unpackBody(body, MAX_BODY_BYTES) : body;
  const halves = signal === 'traces' ? halvesOfTraces(plain) : halvesOfLogs(plain);
  return Promise.all(
    halves.map(async (half) => ({ ...half, body: isPacked ? await packBody(half.body) : half.body })),
  );
}

function halvesOfTraces(body: Uint8Array): Request[] {
  const { scopeSpans, spanCount } = decodeTraces(body, 'protobuf');
  const part = (from: number, to: number) =>
    encodeTraces({
      scopeSpans: partOf(
        scopeSpans,
        from,
        to,
        ({ spans }) => spans,
        (group, spans) => ({ ...group, spans }),
      ),
    });
  return halves(spanCount, part);
}

function halvesOfLogs(body: Uint8Array): Request[] {
  const { scopeLogs, recordCount } = decodeLogs(body, 'protobuf');
  const part = (from: number, to: number) =>
    encodeLogs({
      scopeLogs: partOf(
        scopeLogs,
        from,
        to,
        ({ logRecords }) => logRecords,
        (group, logRecords) => ({ ...group, logRecords }),
      ),
    });
  return halves(recordCount, part);
}

function halves(count: number, part: (from: number, to: number) => Uint8Array): Request[] {
  if (count < 2) return [];
  const middle = Math.ceil(count / 2);
  return [
    { body: part(0, middle), items: middle },
    { body: part(middle, count), items: count - middle },
  ];
}

/** The groups with the items from one place to another, counted over all groups. */
function partOf<Group, Item>(
  groups: readonly Group[],
  from: number,
  to: number,
  itemsOf: (group: Group) => readonly Item[],
  withItems: (group: Group, items: readonly Item[]) => Group,
): Group[] {
  let before = 0;
  return groups.flatMap((group) => {
    const all = itemsOf(group);
    const items = all.slice(Math.max(0, from - before), Math.max(0, to - before));
    before += all.length;
    return items.length === 0 ? [] : [withItems(group, items)];
  });
}
