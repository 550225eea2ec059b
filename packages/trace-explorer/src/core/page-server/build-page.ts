import { globSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import type { BuildOptions, Metafile } from 'esbuild';
import { build, stop } from 'esbuild';
import { folderOf } from '../places/views.ts';
import type { Asset } from './asset.ts';
import { assetOf } from './asset.ts';
import type { PartScript } from './part-script.ts';
import { writtenOut } from './written-out.ts';

/** The page's files by name; each name carries the hash of its content. */
export interface Bundle {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly script: string;
  readonly styles: string;
  /** What overrides all other styles on paper and with forced colours. */
  readonly lastStyles: string;
  /** Paths of all that is inside them, from the sources; absent in a packed page. */
  readonly sources?: readonly string[];
  /** The script that a part has besides the page, in one file, and its styles. */
  scriptOf(part: PartScript): Promise<PartBundle>;
  /** The styles of a view besides those of the frame. */
  stylesOf(view: string): string | undefined;
  /** Further files of a view, so that the browser requests all of them at once. */
  preloads(view: string): readonly string[];
}

export interface PartBundle {
  readonly script: string;
  readonly styles: string;
}

const SOURCES = join(import.meta.dirname, '../..');
/** The browser's entry, below the sources. */
const ENTRY = 'page/main.tsx';
const LAST = 'page/shell/last.css';

/** Options of all builds. */
const OPTIONS = {
  plugins: [writtenOut],
  absWorkingDir: SOURCES,
  bundle: true,
  target: 'es2023',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  write: false,
  legalComments: 'none',
  logLevel: 'silent',
} satisfies BuildOptions;

/** Bundles the page from its sources, in memory. @throws esbuild's BuildFailure with file and line in the source */
export async function bundlePage(): Promise<Bundle> {
  const page = await build({
    ...OPTIONS,
    format: 'esm',
    entryPoints: [
      { in: ENTRY, out: 'main' },
      { in: LAST, out: 'last' },
      ...globSync('parts/*/page/view.css', { cwd: SOURCES }).map((path) => ({
        in: path,
        out: path.split(sep)[1] ?? '',
      })),
    ],
    inject: ['./page/common.ts', './page/parts.ts'],
    outdir: 'assets',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.svg': 'file', '.woff2': 'file' },
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
    lastStyles: basename(outputOf(page.metafile, LAST)?.[0] ?? ''),
    sources: Object.values(page.metafile.outputs).flatMap(({ inputs }) =>
      Object.keys(inputs).filter((path) => (inputs[path]?.bytesInOutput ?? 0) > 0),
    ),
    scriptOf: bundleScript,
    stylesOf(view) {
      const styles = outputOf(page.metafile, `parts/${folderOf(view)}/page/view.css`)?.[0];
      return styles && basename(styles);
    },
    preloads: (view) => preloadsOf(page.metafile, script, fileOf(page.metafile, view) ?? ''),
  };
}

/** Bundles a part's own script. @throws esbuild's BuildFailure with file and line in the source */
async function bundleScript({ name, script = '' }: PartScript): Promise<PartBundle> {
  const { outputFiles } = await build({
    ...OPTIONS,
    format: 'iife',
    entryPoints: [`parts/${name}/page/${script}`],
    outdir: 'assets',
    loader: { '.svg': 'dataurl' },
  });
  await stop();
  const text = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  return { script: text('.js'), styles: text('.css') };
}

function outputOf({ outputs }: Metafile, entry: string) {
  return Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === entry);
}

/** The file of a view, which its part's door loads when it is needed: it has the view's name, or else it is the part's `index.tsx`. */
function fileOf({ inputs }: Pick<Metafile, 'inputs'>, view: string): string | undefined {
  const loaded = inputs[`parts/${folderOf(view)}/page/part.ts`]?.imports ?? [];
  const named = (file: string) =>
    loaded.find(({ kind, original }) => kind === 'dynamic-import' && original === file)?.path;
  return named(`./${view}.tsx`) ?? named('./index.tsx');
}

function preloadsOf(metafile: Metafile, script: string, entry: string): string[] {
  // A file of its own. Several views may share it.
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
