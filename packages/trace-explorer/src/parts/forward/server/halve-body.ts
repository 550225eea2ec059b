import type { ExportSignal, RequestPart } from '@tandem/otlp';
import { halvesOf } from '@tandem/otlp';
import { formOf, packBody, unpackBody } from './join-bodies.ts';

/** Bytes of a body that the receiver took, unpacked; the same as the intake's. */
const MAX_BODY_BYTES = 20 * 1024 * 1024;

/** The two halves of a request that was too large; nothing of a request that cannot be halved: one item, or metrics. */
export async function halveBody(body: Uint8Array, signal: ExportSignal): Promise<readonly RequestPart[]> {
  if (signal === 'metrics') return [];
  if (formOf(body) !== 'gzip') return halvesOf(body);
  const halves = halvesOf(await unpackBody(body, MAX_BODY_BYTES));
  return Promise.all(halves.map(async (half) => ({ ...half, body: await packBody(half.body) })));
}
