import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { CallParts } from '../panel/call-parts.tsx';

interface CallTipProps {
  readonly model: TraceModel;
  /** Contains the bars. A bar of a call with parts has its index in `data-parts`. */
  readonly bars: RefObject<HTMLElement | null>;
  readonly titleOf: (index: number) => string;
}

/** Pixels between the pointer and the tip, and of its width, as in stalls.css. */
const GAP = 14;
const WIDTH = 320;

/** Beside the pointer on the bar of a call: what its time went into. The panel says the same. */
export function CallTip({ model, bars, titleOf }: CallTipProps) {
  const [{ index, x, y }, setAt] = useState({ index: -1, x: 0, y: 0 });
  useLayoutEffect(() => {
    const look = ({ type, target, clientX, clientY }: PointerEvent) => {
      const bar = target instanceof Element ? target.closest('[data-parts]') : null;
      const found = type === 'pointerover' ? Number(bar?.getAttribute('data-parts') ?? -1) : -1;
      setAt((before) => (before.index === found ? before : { index: found, x: clientX, y: clientY }));
    };
    const gone = new AbortController();
    for (const type of ['pointerover', 'pointerleave', 'scroll'] as const)
      bars.current?.addEventListener(type, look as EventListener, { signal: gone.signal });
    return () => gone.abort();
  }, []);
  if (index < 0 || index >= model.count) return null;
  const isHigh = y < innerHeight / 2;
  const left = Math.max(0, Math.min(x + GAP, innerWidth - WIDTH));
  return (
    <div
      class="call-tip over"
      aria-hidden="true"
      style={{
        left: `${left}px`,
        ...(isHigh ? { top: `${y + GAP}px` } : { bottom: `${innerHeight - y + GAP}px` }),
      }}
    >
      <p>{titleOf(index)}</p>
      <CallParts model={model} index={index} />
    </div>
  );
}
