import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { track } from '../under-way.ts';
import { ErrorState } from './error-state.tsx';

/** For code that could not be loaded: nothing answers, or the explorer is another one by now, with files of other names. */
export const notLoaded = () =>
  new Error('The explorer does not answer, or is a newer one: then reload the page.');

/** A component whose code is loaded when it is first shown. */
export function lazy<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [failed, setFailed] = useState<boolean>();
    useEffect(() => {
      if (loaded !== undefined || failed) return;
      track(load()).then(
        (module) => {
          loaded = module.default;
          setFailed(false);
        },
        () => setFailed(true),
      );
    }, [failed]);
    if (failed) return <ErrorState error={notLoaded()} onRetry={() => setFailed(undefined)} />;
    const Loaded = loaded;
    return Loaded === undefined ? null : <Loaded {...props} />;
  };
}
