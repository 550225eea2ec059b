import { nextTurn } from '../../shared/turns.ts';
import type { ExportRequest } from '../../store/store.ts';
import { SMALL_BYTES } from '../body.ts';
import type { IncomingBody } from '../incoming-body.ts';
import { decodeParts } from './decode-parts.ts';

/** The parts of an unpacked body, one after the other. */
export function decode(
  bytes: Buffer,
  { signal = 'traces', encoding }: IncomingBody,
): Generator<ExportRequest | undefined, void> {
  const signals = typeof signal === 'string' ? [signal] : signal;
  // Frees a large body at once, because the garbage collector is late. Items of JSON keep no view on the body.
  const onRead = () => {
    if (bytes.byteLength > SMALL_BYTES) (bytes.buffer as ArrayBuffer).transfer(0);
  };
  return decodeParts({ signals, bytes, encoding, onRead });
}

/** Decodes a small body, with a turn for other tasks between the parts. */
export async function inTurns(parts: Iterable<ExportRequest | undefined>): Promise<ExportRequest[]> {
  const decoded: ExportRequest[] = [];
  for (const part of parts) {
    if (decoded.length > 0) await nextTurn();
    if (part !== undefined) decoded.push(part);
  }
  return decoded;
}

/** Gives a request's only part the request's body, where nothing of the body was left out. */
export function keepWhole(parts: ExportRequest[], body: Buffer): void {
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && only.rejectedCount === 0) parts[0] = { ...only, body };
}

/** Yields the parts one after the other, and keeps none of them. */
export function* shiftAll(parts: ExportRequest[]): Generator<ExportRequest, void> {
  while (parts.length > 0) yield parts.shift() as ExportRequest;
}
