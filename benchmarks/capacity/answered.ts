import { setTimeout as sleep } from 'node:timers/promises';

/** How often one body is sent again that was asked to come later. */
const MAX_TRIES = 600;

export const PROTOBUF = 'application/x-protobuf';

/** What is sent, with its Content-Type and Content-Encoding. */
export interface Body {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly coding?: string;
}

/** Sends until it is taken. Throws when it is refused for good. */
export async function answered(url: string, { bytes, type, coding }: Body): Promise<void> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const headers = { 'content-type': type, ...(coding !== undefined && { 'content-encoding': coding }) };
    const response = await fetch(url, { method: 'POST', headers, body: bytes });
    await response.arrayBuffer();
    if (response.ok) return;
    if (response.status !== 429 && response.status !== 503) throw new Error(`${url}: ${response.status}`);
    await sleep(500);
  }
  throw new Error(`${url}: asked to come later ${MAX_TRIES} times`);
}
