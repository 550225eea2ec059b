import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Metafile } from 'esbuild';
import { build, stop } from 'esbuild';

/** One file of the page, compressed once. */
export interface Asset {
  readonly type: string;
  readonly plain: Uint8Array;
  readonly gzip: Uint8Array;
  readonly brotli: Uint8Array;
}

/** The page's files by name; each name carries the hash of its content. */
export interface Bundle {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly script: string;
  readonly styles: string;
  /** The script of the worker that lays out the map. */
  readonly mapLayout: string;
  /** What else a view needs, so that the browser asks for it at once instead of in turns. */
  preloads(view: string): readonly string[];
}

const SOURCES = dirname(import.meta.dirname);
/** The browser's entry, below the sources. */
const ENTRY = 'page/main.tsx';
/** A web worker's. */
const MAP_LAYOUT = 'page/views/map/layout-worker.ts';

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  map: 'application/json',
};

let bundled: Promise<Bundle> | undefined;

/** The page's bundle, made once per process (about 0.2 s). @throws esbuild's BuildFailure with the places in the source */
export function pageBundle(): Promise<Bundle> {
  bundled ??= bundlePage();
  return bundled;
}

async function bundlePage(): Promise<Bundle> {
  // The worker by itself: it must share no file with the page, whose code needs a document.
  const [page, worker] = await Promise.all([
    bundleOf({ main: ENTRY }),
    bundleOf({ 'map-layout': MAP_LAYOUT }),
  ]);
  // Its process has nothing more to do.
  await stop();
  const assets = await Promise.all(
    [...page.outputFiles, ...worker.outputFiles].map(
      async ({ path, contents }): Promise<[string, Asset]> => [
        basename(path),
        await compressed(path, contents),
      ],
    ),
  );
  const main = outputOf(page.metafile, ENTRY);
  const mapLayout = outputOf(worker.metafile, MAP_LAYOUT);
  if (main === undefined || mapLayout === undefined) throw new Error('The bundle of the page has no entry.');
  const [script, { cssBundle = '' }] = main;
  return {
    assets: new Map(assets),
    script: basename(script),
    styles: basename(cssBundle),
    mapLayout: basename(mapLayout[0]),
    preloads: (view) => preloadsOf(page.metafile, script, view),
  };
}

function bundleOf(entryPoints: Record<string, string>) {
  return build({
    absWorkingDir: SOURCES,
    entryPoints,
    outdir: 'assets',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.svg': 'file' },
    publicPath: '/assets',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2023',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    sourcemap: 'external',
    metafile: true,
    write: false,
    legalComments: 'none',
    logLevel: 'silent',
  });
}

function outputOf({ outputs }: Metafile, entry: string) {
  return Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === entry);
}

function preloadsOf(metafile: Metafile, script: string, view: string): string[] {
  // A file that is loaded by itself; several views may share one.
  const index = Object.entries(metafile.outputs).find(
    ([, { inputs }]) => `page/views/${view}/index.tsx` in inputs,
  );
  const found = new Set<string>();
  const follow = (path: string): void => {
    for (const each of metafile.outputs[path]?.imports ?? []) {
      if (each.kind !== 'import-statement' || each.external === true || found.has(each.path)) continue;
      found.add(each.path);
      follow(each.path);
    }
  };
  follow(script);
  if (index !== undefined) {
    found.add(index[0]);
    follow(index[0]);
  }
  found.delete(script);
  return [...found].map((path) => basename(path));
}

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

async function compressed(path: string, plain: Uint8Array): Promise<Asset> {
  const type = types[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  // 9 takes 20 ms for the whole page; 11 takes 600 and saves 4 % of it.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
  const [asGzip, asBrotli] = await Promise.all([zip(plain, { level: 9 }), brotli(plain, { params })]);
  return { type, plain, gzip: asGzip, brotli: asBrotli };
}
