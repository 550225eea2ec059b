import type { Bundle, SavedBundle } from './build-page.ts';
import { bundlePage } from './build-page.ts';

let bundled: Promise<Bundle> | undefined;

/** The page's bundle, made once per process (about 0.2 s). @throws esbuild's BuildFailure with the places in the source */
export function pageBundle(): Promise<Bundle> {
  bundled ??= bundlePage();
  return bundled;
}

let traceScript: Promise<string> | undefined;

/** The script that traces pages of others, made once per process. @throws as {@link pageBundle} does */
export function traceScriptBundle(): Promise<string> {
  traceScript ??= pageBundle().then((bundle) => bundle.traceScript());
  return traceScript;
}

let saved: Promise<SavedBundle> | undefined;

/** Script and styles of a page in one file, made once per process. @throws as {@link pageBundle} does */
export function savedBundle(): Promise<SavedBundle> {
  saved ??= pageBundle().then((bundle) => bundle.saved());
  return saved;
}
