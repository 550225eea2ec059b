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
  const { count, part } = signal === 'traces' ? partsOfTraces(plain) : partsOfLogs(plain);
  if (count < 2) return [];
  const middle = Math.ceil(count / 2);
  const ranges = [
    [0, middle],
    [middle, count],
  ] as const;
  return Promise.all(
    ranges.map(async ([from, to]) => {
      const half = part(from, to);
      return { body: isPacked ? await packBody(half) : half, items: to - from };
    }),
  );
}

function partsOfTraces(body: Uint8Array) {
  const { scopeSpans, spanCount: count } = decodeTraces(body, 'protobuf');
  const part = (from: number, to: number) =>
    encodeTraces({ scopeSpans: partOf(scopeSpans, 'spans', from, to) });
  return { count, part };
}

function partsOfLogs(body: Uint8Array) {
  const { scopeLogs, recordCount: count } = decodeLogs(body, 'protobuf');
  const part = (from: number, to: number) =>
    encodeLogs({ scopeLogs: partOf(scopeLogs, 'logRecords', from, to) });
  return { count, part };
}

/** The groups with the items from one index to another, counted over all groups. */
function partOf<Key extends string, Group extends Readonly<Record<Key, readonly unknown[]>>>(
  groups: readonly Group[],
  key: Key,
  from: number,
  to: number,
): Group[] {
  let before = 0;
  return groups.flatMap((group) => {
    const items = group[key].slice(Math.max(0, from - before), Math.max(0, to - before));
    before += group[key].length;
    return items.length === 0 ? [] : [{ ...group, [key]: items }];
  });
}
