import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** One file of the page. It is compressed once, at the first request: most of the source maps are never requested. */
export interface Asset {
  readonly type: string;
  readonly plain: Uint8Array;
  gzip(): Promise<Uint8Array>;
}

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  map: 'application/json',
};

const zip = promisify(gzip);

/** A file in the form in which it is sent. @param path decides the content type */
export function assetOf(path: string, plain: Uint8Array): Asset {
  const type = types[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
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
