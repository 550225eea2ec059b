import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, getJson } from '../../api/api.ts';
import { useRetry } from '../../api/use-retry.ts';
import { track } from '../../browser/under-way.ts';
import { Busy } from './busy.tsx';
import { ErrorState } from './error-state.tsx';

/**
 * The error for code that could not be loaded: the explorer does not answer, or is a newer one whose files have other names.
 */
const NOT_LOADED = new ApiError(0, 'The explorer does not answer, or is a newer one: then reload the page.');

/** A component whose code is loaded when it is first shown, or earlier by `load`. */
export type Lazy<P> = ComponentType<P> & { load(): Promise<void> };

export function lazy<P extends object>(read: () => Promise<{ default: ComponentType<P> }>): Lazy<P> {
  let loaded: ComponentType<P> | undefined;
  const load = async () => {
    loaded ??= (await track(read())).default;
  };
  function LazyComponent(props: P) {
    const [failed, setFailed] = useState<ApiError>();
    const [, draw] = useState(false);
    useEffect(() => {
      if (loaded !== undefined || failed) return;
      load().then(
        () => draw(true),
        async () => setFailed(await reasonOf()),
      );
    }, [failed]);
    useRetry(failed, () => setFailed(undefined));
    if (failed) return <ErrorState error={failed} onRetry={() => setFailed(undefined)} />;
    const Loaded = loaded;
    return Loaded === undefined ? <Busy what="Loading" rows /> : <Loaded {...props} />;
  }
  return Object.assign(LazyComponent, { load });
}

/** Why code could not be loaded. A browser says only that it failed; without a session the explorer refuses everything. */
async function reasonOf(): Promise<ApiError> {
  const refused = await getJson('/api/status').then(
    () => undefined,
    (error: unknown) => error,
  );
  return refused instanceof ApiError && refused.status === 401 ? refused : NOT_LOADED;
}
