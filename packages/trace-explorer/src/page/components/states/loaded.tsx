import type { ComponentChildren } from 'preact';
import type { Load } from '../../ask/use-load.ts';
import { Busy } from './busy.tsx';
import { ErrorState } from './error-state.tsx';

export interface LoadedProps<T> {
  readonly load: Load<T>;
  /** The work in words, such as `Reading the map`. */
  readonly what: string;
  readonly children: (value: T) => ComponentChildren;
}

/** Shows a value after it was read. Before, shows that the page is reading, or the error. */
export function Loaded<T>({ load, what, children }: LoadedProps<T>) {
  const { value, error, busy, reload, cancel } = load;
  if (error !== undefined) return <ErrorState error={error} onRetry={reload} />;
  if (value !== undefined) return <>{children(value)}</>;
  if (busy) return <Busy what={what} onCancel={cancel} rows />;
  return (
    <button type="button" onClick={reload}>
      Try again
    </button>
  );
}
