import { bundlePage } from './build-page.ts';

/** Makes something at its first use, once per process. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** The page's bundle (about 0.2 s). @throws esbuild's BuildFailure with file and line in the source */
export const pageBundle = once(bundlePage);

/** The script that traces pages of others. @throws as {@link pageBundle} does */
export const traceScriptBundle = once(async () => (await pageBundle()).traceScript());

/** Script and styles of a page in one file. @throws as {@link pageBundle} does */
export const savedBundle = once(async () => (await pageBundle()).saved());
