import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from '../../../page/browser/use-keys.ts';
import { useWidth } from '../../../page/browser/use-width.ts';
import { IconButton } from '../../../page/components/inputs/icon-button.tsx';
import type { MapPlan } from './layout/plan.ts';

/** The scale to begin with, and the least one in which all of a drawing is shown at once: a larger one scrolls, until a person fits it in. */
const [LEGIBLE, NEARLY] = [1, 0.85];
/** Pixels of the window that the drawing leaves to the header and to the controls above and below; and of its least height. */
const [OTHERS, LEAST_HEIGHT] = [180, 260];
/** Pixels of its width over which the list lies, with the margins, as in view.css. */
const BESIDE = 348;
/** Factor of a step of zoom, and the limits. */
const STEP = 1.25;
const MOST = 4;

/** The height for which the window has room, in pixels. */
export function heightOfDrawing(): number {
  const { innerWidth, innerHeight } = window;
  // In a narrow window the list is a sheet over a third of it, as in view.css.
  return Math.max(LEAST_HEIGHT, (innerWidth > 900 ? innerHeight : 0.62 * innerHeight) - OTHERS);
}

export interface DrawingProps {
  /** Called with whether the drawing is too wide to stand beside the list. */
  readonly onWide: (isWide: boolean) => void;
  readonly plan: MapPlan;
  /** The key of the box that is in sight first. */
  readonly inSight: string | undefined;
  readonly children: ComponentChildren;
}

/** The graph. It scrolls where the window has no room for it, and zooms by buttons, by `+`, `-` and `0`, and by Ctrl and the wheel. The tables say the same. */
export function Drawing({ plan, inSight, onWide, children }: DrawingProps) {
  const scroller = useRef<HTMLElement>(null);
  const width = useWidth(scroller);
  const { width: planWidth, height: planHeight } = plan;
  const isWide = innerWidth > 900 && width > 0 && planWidth > width - BESIDE;
  const room = innerWidth > 900 && !isWide ? width - BESIDE : width;
  useLayoutEffect(() => onWide(isWide), [onWide, isWide]);
  const [chosen, setZoom] = useState<number>();
  /** The scale in which all of it is in sight. */
  const fit = Math.min(
    LEGIBLE,
    room / planWidth,
    (scroller.current?.clientHeight ?? planHeight) / planHeight,
  );
  const zoom = chosen ?? (fit < NEARLY ? LEGIBLE : fit);
  const change = (factor: number) => setZoom(Math.min(MOST, Math.max(fit, zoom * factor)));
  const showAll = () => setZoom(fit);
  useKeys({ '+': () => change(STEP), '-': () => change(1 / STEP), 0: showAll });
  useLayoutEffect(() => {
    const { current } = scroller;
    if (current === null) return;
    // Not passive, because the browser would zoom the whole page.
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      change(event.deltaY < 0 ? STEP : 1 / STEP);
    };
    current.addEventListener('wheel', onWheel, { passive: false });
    return () => current.removeEventListener('wheel', onWheel);
  }, [fit, zoom]);
  useLayoutEffect(() => {
    const { current } = scroller;
    const at = plan.boxes.find(({ key }) => key === inSight)?.at;
    if (current === null || at === undefined) return;
    current.scrollLeft = at.x * zoom - room / 2;
    current.scrollTop = at.y * zoom - current.clientHeight / 2;
  }, [plan, inSight, zoom, width]);
  return (
    <>
      <section
        class="map-drawing"
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label="Map of services and calls"
      >
        {width > 0 && (
          <svg
            class="meta"
            width={planWidth * zoom}
            height={planHeight * zoom}
            viewBox={`0 0 ${planWidth} ${planHeight}`}
          >
            <title>Services and who calls whom</title>
            <defs>
              <Arrow id="arrow" color="var(--edge)" />
              <Arrow id="arrow-failing" color="var(--err)" />
            </defs>
            {children}
          </svg>
        )}
      </section>
      <div class="map-zoom strip tight over">
        <IconButton icon="minus" label="Zoom out" title="-" onPress={() => change(1 / STEP)} />
        <IconButton icon="plus" label="Zoom in" title="+" onPress={() => change(STEP)} />
        <IconButton icon="fit" label="Fit" title="0" disabled={zoom === fit} onPress={showAll} />
      </div>
    </>
  );
}

function Arrow({ id, color }: { id: string; color: string }) {
  return (
    <marker
      id={id}
      viewBox="0 0 8 8"
      refX="7"
      refY="4"
      markerWidth="10"
      markerHeight="10"
      markerUnits="userSpaceOnUse"
      orient="auto"
    >
      <path d="M0 0L8 4L0 8z" fill={color} />
    </marker>
  );
}
