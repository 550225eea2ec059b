import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, getJson } from '../../api/api.ts';
import { useRetry } from '../../api/use-retry.ts';
import { track } from '../../browser/under-way.ts';
import { Busy } from './busy.tsx';
import { ErrorState } from './error-state.tsx';

/** Code could not be loaded from an explorer that answers: a newer one has files with other names. */
const NOT_LOADED = new ApiError(404, 'A newer explorer has other files: then reload the page.', {
  retryAfterSeconds: 2,
});

/** A component whose code is loaded when it is first shown, or earlier by `load`. */
type Lazy<P> = ComponentType<P> & { load(): Promise<void> };

const known = new WeakMap<() => Promise<unknown>, unknown>();

/** The component of some code: the same one each time. @param besides what it needs, such as its styles */
export function lazy<P extends object>(
  read: () => Promise<{ default: ComponentType<P> }>,
  besides?: () => Promise<void>,
): Lazy<P> {
  const made = known.get(read) as Lazy<P> | undefined;
  if (made !== undefined) return made;
  let loaded: ComponentType<P> | undefined;
  const load = async () => {
    loaded ??= (await track(Promise.all([read(), besides?.()])))[0].default;
  };
  function LazyComponent(props: P) {
    const [failed, setFailed] = useState<Error>();
    const [, draw] = useState(false);
    const Loaded = loaded;
    useEffect(() => {
      // What came between the drawing and this effect is drawn now.
      if (Loaded !== undefined || failed) return;
      load().then(
        () => draw(true),
        () => reasonOf().then(setFailed),
      );
    }, [failed]);
    useRetry(failed, () => setFailed(undefined));
    if (failed) return <ErrorState error={failed} onRetry={() => setFailed(undefined)} />;
    return Loaded === undefined ? <Busy what="Loading" rows /> : <Loaded {...props} />;
  }
  const named = Object.assign(LazyComponent, { load });
  known.set(read, named);
  return named;
}

/** Why the code is missing. A browser says only that the load failed. */
function reasonOf(): Promise<Error> {
  return getJson('/api/status').then(
    () => NOT_LOADED,
    (error: Error) => error,
  );
}
