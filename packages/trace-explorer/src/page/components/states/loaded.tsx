import type { ComponentChildren } from 'preact';
import type { Load } from '../../api/use-load.ts';
import { Busy } from './busy.tsx';
import { ErrorState } from './error-state.tsx';
import { Stale } from './stale.tsx';

export interface LoadedProps<T> {
  readonly load: Load<T>;
  /** The work in words, such as `Reading the map`. */
  readonly what: string;
  readonly children: (value: T) => ComponentChildren;
}

/** Shows a value after it was read. Before, shows that the page is reading. An error stands above the last value. */
export function Loaded<T>({ load, what, children }: LoadedProps<T>) {
  const { value, error, busy, reload, cancel } = load;
  const failed = error !== undefined && <ErrorState error={error} onRetry={reload} />;
  if (value !== undefined)
    return (
      <>
        {failed}
        <Stale load={load}>{children(value)}</Stale>
      </>
    );
  if (failed) return failed;
  if (busy) return <Busy what={what} onCancel={cancel} rows />;
  return (
    <button type="button" onClick={reload}>
      Try again
    </button>
  );
}
