import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** One file of the page. A text is compressed once, at the first request: most of the source maps are never requested. */
export interface Asset {
  readonly type: string;
  readonly plain: Uint8Array;
  /** Absent: the file is compressed by itself. */
  gzip?(): Promise<Uint8Array>;
}

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  map: 'application/json',
  woff2: 'font/woff2',
};

const zip = promisify(gzip);

/** A file in the form of the response. @param path decides the content type */
export function assetOf(path: string, plain: Uint8Array): Asset {
  const type = types[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  if (type === types.woff2) return { type, plain };
  let asGzip: Promise<Uint8Array> | undefined;
  return {
    type,
    plain,
    gzip() {
      asGzip ??= zip(plain, { level: 9 });
      return asGzip;
    },
  };
}

/** Sends a file, as gzip to a browser that takes it. */
export async function sendAsset(
  asset: Asset,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.type(asset.type);
  if (asset.gzip === undefined) return reply.send(asset.plain);
  reply.header('vary', 'accept-encoding');
  const accepted = String(request.headers['accept-encoding'] ?? '');
  if (/\bgzip\b/.test(accepted)) return reply.header('content-encoding', 'gzip').send(await asset.gzip());
  return reply.send(asset.plain);
}
