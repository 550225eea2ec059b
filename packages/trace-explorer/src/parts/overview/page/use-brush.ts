import { useState } from 'preact/hooks';
import type { Moments } from '../../../core/places/range.ts';
import { useDrag } from '../../../page/browser/use-drag.ts';
import type { SeriesLines } from '../../../page/charts/series/series-lines.ts';

export type Brush = ReturnType<typeof useBrush>;

/**
 * Marks a stretch of whole buckets: with the pointer, or with arrow keys, Shift and Enter. A click or Escape removes the mark.
 */
export function useBrush(
  { times, start, step }: SeriesLines,
  brushed: Moments | undefined,
  onBrush: (moments: Moments | undefined) => void,
) {
  const buckets = times.length;
  const [keyed, setKeyed] = useState<readonly [from: number, to: number]>();
  const within = (bucket: number) => Math.min(buckets - 1, Math.max(0, bucket));
  const momentsOf = (from: number, to: number): Moments => ({
    start_time: start + Math.min(from, to) * step,
    end_time: start + (Math.max(from, to) + 1) * step,
  });
  const bucketAt = (share: number) => within(Math.floor(share * buckets));
  const drag = useDrag((from, to) => {
    if (from !== to) onBrush(momentsOf(bucketAt(from), bucketAt(to)));
    else if (brushed !== undefined) onBrush(undefined);
  });
  const dragged = drag.marked && momentsOf(bucketAt(drag.marked[0]), bucketAt(drag.marked[1]));
  const onKeyDown = (event: KeyboardEvent) => {
    const along = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const [from, to] = keyed ?? [buckets - 1, buckets - 1];
    if (along !== undefined) {
      const next = keyed === undefined ? to : within(to + along);
      setKeyed(event.shiftKey ? [from, next] : [next, next]);
    } else if (event.key === 'Enter' && keyed !== undefined) {
      setKeyed(undefined);
      onBrush(momentsOf(...keyed));
    } else if (event.key === 'Escape' && (keyed ?? brushed) !== undefined) {
      setKeyed(undefined);
      if (keyed === undefined) onBrush(undefined);
    } else return;
    event.preventDefault();
  };
  return {
    /** The stretch being marked, or the one marked before. */
    marked: dragged ?? (keyed && momentsOf(...keyed)) ?? brushed,
    handlers: { ...drag.handlers, onKeyDown },
  };
}
