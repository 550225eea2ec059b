import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, getJson } from '../../api/api.ts';
import { useRetry } from '../../api/use-retry.ts';
import { track } from '../../browser/under-way.ts';
import { Busy } from './busy.tsx';
import { ErrorState } from './error-state.tsx';

/** Code could not be loaded from an explorer that answers: one that was started since has files with other names. */
const NOT_LOADED = new ApiError(404, 'The explorer was started anew, with other files than this page.');

/** A component whose code is loaded when it is first shown, or earlier by `load`. */
type Lazy<P> = ComponentType<P> & { load(): Promise<void> };

const known = new WeakMap<() => Promise<unknown>, unknown>();

/** The component of some code: the same one each time. @param besides of a view, what it needs, such as its styles */
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
    const [turn, setTurn] = useState(0);
    const again = () => setTurn((before) => before + 1);
    const Loaded = loaded;
    useEffect(() => {
      // What came between the drawing and this effect is drawn now.
      if (Loaded !== undefined) return;
      // A browser says only that the load failed: the status tells why. An explorer that starts may answer by now.
      load()
        .catch(() => getJson('/api/status').then(load))
        .then(again, (error: unknown) => setFailed(error instanceof ApiError ? error : NOT_LOADED));
    }, [turn]);
    useRetry(failed, again);
    if (Loaded !== undefined) return <Loaded {...props} />;
    if (failed === NOT_LOADED)
      return <ErrorState error={failed} action="Reload" onRetry={() => location.reload()} />;
    if (failed) return <ErrorState error={failed} onRetry={again} isAll={besides !== undefined} />;
    return <Busy what="Loading" rows />;
  }
  const named = Object.assign(LazyComponent, { load });
  known.set(read, named);
  return named;
}
