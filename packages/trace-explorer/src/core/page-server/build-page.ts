import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Metafile } from 'esbuild';
import { build, stop } from 'esbuild';
import type { Asset } from './asset.ts';
import { assetOf } from './asset.ts';

/** The page's files by name; each name carries the hash of its content. */
export interface Bundle {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly script: string;
  readonly styles: string;
  /** Script and styles of a saved page, which is one file. */
  readonly saved: () => Promise<SavedBundle>;
  readonly traceScript: () => Promise<string>;
  /** Further files of a view, so that the browser requests all of them at once. */
  preloads(view: string): readonly string[];
}

/** Script and styles of a page in one file. */
export interface SavedBundle {
  readonly script: string;
  readonly styles: string;
}

const SOURCES = join(import.meta.dirname, '../..');
/** The browser's entry, below the sources. */
const ENTRY = 'page/main.tsx';
/** The entry of a page in one file. */
const SAVED_ENTRY = 'parts/saved-trace/page/main.tsx';
/** The entry of the script that traces pages of others. */
const TRACE_ENTRY = 'parts/web-tracing/page/main.ts';
/** The list of the views. */
const VIEWS = 'page/parts.ts';

/** Options of all builds. */
const OPTIONS = {
  absWorkingDir: SOURCES,
  bundle: true,
  format: 'esm',
  target: 'es2023',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  write: false,
  legalComments: 'none',
  logLevel: 'silent',
} as const;

/** Bundles the page from its sources, in memory. @throws esbuild's BuildFailure with file and line in the source */
export async function bundlePage(): Promise<Bundle> {
  const page = await build({
    ...OPTIONS,
    entryPoints: { main: ENTRY },
    outdir: 'assets',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.svg': 'file' },
    publicPath: '/assets',
    splitting: true,
    sourcemap: 'external',
    metafile: true,
  });
  // esbuild's process has nothing more to do.
  await stop();
  const assets = page.outputFiles.map(({ path, contents }): [string, Asset] => [
    basename(path),
    assetOf(path, contents),
  ]);
  const main = outputOf(page.metafile, ENTRY);
  if (main === undefined) throw new Error('The bundle of the page has no entry.');
  const [script, { cssBundle = '' }] = main;
  return {
    assets: new Map(assets),
    script: basename(script),
    styles: basename(cssBundle),
    saved: bundleSavedPage,
    traceScript: bundleTraceScript,
    preloads: (view) => preloadsOf(page.metafile, script, view),
  };
}

/** Bundles a page in one file. @throws esbuild's BuildFailure with file and line in the source */
async function bundleSavedPage(): Promise<SavedBundle> {
  const { outputFiles } = await build({
    ...OPTIONS,
    entryPoints: [SAVED_ENTRY],
    outdir: 'assets',
    loader: { '.svg': 'dataurl' },
  });
  await stop();
  const text = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  return { script: text('.js'), styles: text('.css') };
}

/** Bundles the script that traces pages of others. @throws esbuild's BuildFailure with file and line in the source */
async function bundleTraceScript(): Promise<string> {
  const { outputFiles } = await build({ ...OPTIONS, entryPoints: [TRACE_ENTRY], format: 'iife' });
  await stop();
  return outputFiles.map(({ text }) => text).join('');
}

function outputOf({ outputs }: Metafile, entry: string) {
  return Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === entry);
}

/** The views by name, each with its file, as the list of the views imports it. */
export function viewEntries(): ReadonlyMap<string, string> {
  const list = readFileSync(join(SOURCES, VIEWS), 'utf8');
  return new Map(
    Array.from(
      list.matchAll(/^ {2}(\w+): \{[^}]*?import\('\.\.\/([^']+)'\)/gms),
      ([, name = '', file = '']) => [name, file],
    ),
  );
}

function preloadsOf(metafile: Metafile, script: string, view: string): string[] {
  // A file of its own. Several views may share it.
  const entry = viewEntries().get(view) ?? '';
  const index = Object.entries(metafile.outputs).find(([, { inputs }]) => entry in inputs);
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
