import { readdirSync } from 'node:fs';
import { encodeTraces } from '@tandem/otlp';
import type { OtlpReceiver } from '@tandem/otlp/testing';
import { decoded, startOtlpReceiver } from '@tandem/otlp/testing';
import { createLogger } from '@tandem/service-kit/http';
import type { Test } from 'tap';
import { buildReceiver } from '../../../../src/core/receiver/build-receiver.ts';
import type { ForwardSettings } from '../../../../src/parts/forward/server/forward-settings.ts';
import { ExplorerTee } from '../../../../src/parts/forward/server/tee.ts';
import { randomId, temporaryDirectory, temporaryStore } from '../../../spans.ts';

export const PROTOBUF = { 'content-type': 'application/x-protobuf' };
export const PAGE = 'http://localhost:4319';

export const spans = (...names: string[]) =>
  encodeTraces(decoded(names.map((name) => ({ name, traceId: randomId(16), spanId: randomId(8) }))));

/** An explorer's receiver with a tee to a backend. */
export async function start(
  t: Test,
  url: string,
  settings: Partial<ForwardSettings> = {},
  directory = temporaryDirectory(t),
) {
  const tee = new ExplorerTee({
    settings: {
      name: 'otlp',
      url,
      headers: {},
      redacted: [],
      maxBytes: 2 ** 26,
      ofPage: false,
      withCode: false,
      ...settings,
    },
    dataDirectory: directory,
    isOfPage: (origin) => origin === PAGE,
    services: [],
    logger: createLogger('silent'),
  });
  await tee.begin();
  const app = await buildReceiver({ store: await temporaryStore(t), tee });
  const stop = async () => {
    await app.close();
    await tee.close();
  };
  t.teardown(stop);
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  const post = async (
    body: Uint8Array | string,
    headers: Record<string, string> = PROTOBUF,
    signal = 'traces',
  ) => {
    const answer = await fetch(`${base}/v1/${signal}`, { method: 'POST', body: Buffer.from(body), headers });
    return { status: answer.status, text: await answer.text() };
  };
  const count = () => tee.status().traces;
  const waiting = () =>
    readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return { tee, post, base, directory, count, waiting, stop, port: Number(new URL(base).port) };
}

export async function backend(t: Test): Promise<OtlpReceiver> {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  return receiver;
}

/** Whether each item that was taken is somewhere. */
export const isBalanced = ({ taken, forwarded, waiting, refused, dropped }: Record<string, number>) =>
  taken === Number(forwarded) + Number(waiting) + Number(refused) + Number(dropped);

export const ofDataset = (name: string) => ({ ...PROTOBUF, 'x-honeycomb-dataset': name });
