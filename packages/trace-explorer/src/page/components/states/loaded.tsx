import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Load } from '../../api/use-load.ts';
import { useViewTools } from '../../browser/view-tools.ts';
import { Busy } from './busy.tsx';
import { ErrorState } from './error-state.tsx';
import { Stale } from './stale.tsx';

export interface LoadedProps<T> {
  readonly load: Load<T>;
  /** The work in words, such as `Reading the map`. */
  readonly what: string;
  /** Pixels to reserve for the first answer; as much as fits into the window when left out. */
  readonly room?: number | undefined;
  /** What the view says already above this part, of which an error says nothing then. */
  readonly said?: string | undefined;
  /** Whether it is all of a view, which the bar at the top reads again. */
  readonly isView?: boolean;
  /** Whether a button cancels the work: not where one beside it does. */
  readonly hasCancel?: boolean;
  readonly children: (value: T) => ComponentChildren;
}

/** Heights of what was shown last, in pixels, by the work in words. */
const heights = new Map<string, number>();

/** Shows a value after it was read. Before, shows that the page is reading. An error stands above the last value. */
export function Loaded<T>(props: LoadedProps<T>) {
  const { load, what, room, said, isView = false, hasCancel = true, children } = props;
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(
    () => () => {
      if (box.current === null) return;
      // The element itself has no box.
      const content = new Range();
      content.selectNodeContents(box.current);
      heights.set(what, content.getBoundingClientRect().height);
    },
    [what],
  );
  const { value, error, busy, reload, cancel } = load;
  useViewTools(isView ? { refresh: reload } : undefined);
  const failed = error !== undefined && error.message !== said && (
    <ErrorState error={error} onRetry={reload} isAll={isView && value === undefined} />
  );
  if (value !== undefined)
    return (
      <>
        {failed}
        <Stale load={load} box={box}>
          {children(value)}
        </Stale>
      </>
    );
  if (error !== undefined) return failed || null;
  if (busy)
    return (
      <Busy
        what={what}
        {...(hasCancel && { onCancel: cancel })}
        rows
        room={heights.get(what) ?? room}
        isKept={room !== undefined}
      />
    );
  return (
    <button type="button" onClick={reload}>
      Try again
    </button>
  );
}
