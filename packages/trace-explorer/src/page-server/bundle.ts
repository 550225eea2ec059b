import type { Bundle } from './build-page.ts';
import { bundlePage } from './build-page.ts';

let bundled: Promise<Bundle> | undefined;

/** The page's bundle, made once per process (about 0.2 s). @throws esbuild's BuildFailure with the places in the source */
export function pageBundle(): Promise<Bundle> {
  bundled ??= bundlePage();
  return bundled;
}
