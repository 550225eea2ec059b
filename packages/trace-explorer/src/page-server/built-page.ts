import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compressedInTurn } from './asset.ts';
import type { Bundle } from './build-page.ts';

/** What the page's build is, beside its files; `pack.ts` writes it. */
export interface BuiltPage {
  readonly files: readonly string[];
  readonly script: string;
  readonly styles: string;
  readonly mapLayout: string;
  /** By view. */
  readonly preloads: Readonly<Record<string, readonly string[]>>;
}

/** The folder of a packed explorer that has the page's files. */
export const PAGE_FOLDER = 'page';
/** The file in it that describes them. */
export const PAGE_MANIFEST = 'page.json';

/** In the package's tarball in the place of `build-page.ts`: reads what was built when it was packed. */
export async function bundlePage(): Promise<Bundle> {
  const folder = join(import.meta.dirname, PAGE_FOLDER);
  const { files, preloads, ...names }: BuiltPage = JSON.parse(
    await readFile(join(folder, PAGE_MANIFEST), 'utf8'),
  );
  const assets = await compressedInTurn(
    files.map((name) => ({ name, read: () => readFile(join(folder, name)) })),
  );
  return { assets, ...names, preloads: (view) => preloads[view] ?? [] };
}
