import type { Bundle, PartBundle } from './build-page.ts';
import { bundlePage } from './build-page.ts';
import type { PartScript } from './part-script.ts';

let page: Promise<Bundle> | undefined;
const scripts = new Map<string, Promise<PartBundle>>();

/** The page's bundle (about 0.2 s), made once per process. @throws esbuild's BuildFailure with file and line in the source */
export function pageBundle(): Promise<Bundle> {
  page ??= bundlePage();
  return page;
}

/** A part's own script and its styles, made once per process. @throws as {@link pageBundle} does */
export function scriptBundle(part: PartScript): Promise<PartBundle> {
  const made = scripts.get(part.name) ?? pageBundle().then(({ scriptOf }) => scriptOf(part));
  scripts.set(part.name, made);
  return made;
}
