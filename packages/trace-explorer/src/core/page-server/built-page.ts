import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Asset } from './asset.ts';
import { assetOf } from './asset.ts';
import type { Bundle } from './build-page.ts';
import type { PartScript } from './part-script.ts';

/** Describes the page's build and its files. `pack.ts` writes the description. */
export interface BuiltPage {
  readonly files: readonly string[];
  readonly script: string;
  readonly styles: string;
  readonly lastStyles: string;
  /** Styles by view. */
  readonly viewStyles: Readonly<Record<string, string>>;
  /** Further files by view. */
  readonly preloads: Readonly<Record<string, readonly string[]>>;
}

/** The folder of a packed explorer that has the page's files. */
export const PAGE_FOLDER = 'page';
/** The files with a part's own script and its styles in this folder. */
export function scriptFiles({ name }: PartScript): { readonly script: string; readonly styles: string } {
  return { script: `${name}.js`, styles: `${name}.css` };
}
/** The file with their description in this folder. */
export const PAGE_MANIFEST = 'page.json';

/** Reads the page that was built at packing. In the package's tarball, this file replaces `build-page.ts`. */
export async function bundlePage(): Promise<Bundle> {
  const folder = join(import.meta.dirname, PAGE_FOLDER);
  const { files, preloads, viewStyles, ...names }: BuiltPage = JSON.parse(
    await readFile(join(folder, PAGE_MANIFEST), 'utf8'),
  );
  const assets = await Promise.all(
    files.map(
      async (name): Promise<[string, Asset]> => [name, assetOf(name, await readFile(join(folder, name)))],
    ),
  );
  const read = (name: string) => readFile(join(folder, name), 'utf8');
  return {
    assets: new Map(assets),
    ...names,
    async scriptOf(part) {
      const { script, styles } = scriptFiles(part);
      return { script: await read(script), styles: await read(styles) };
    },
    stylesOf: (view) => viewStyles[view],
    preloads: (view) => preloads[view] ?? [],
  };
}
