import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from '../../../page/browser/use-keys.ts';
import { useWidth } from '../../../page/browser/use-width.ts';
import { IconButton } from '../../../page/components/inputs/icon-button.tsx';
import type { MapPlan } from './layout/plan.ts';
import { HEAD } from './layout/plan.ts';

/** The scales from which to begin: all of a drawing is shown at once, unless it would be smaller than the second. */
const [LEGIBLE, NEARLY] = [1, 0.85];
/** Pixels of its width over which the list lies, with the margins, as in view.css. */
const BESIDE = 332;
/** Factor of a step of zoom, and the limits. */
const STEP = 1.25;
const MOST = 4;

export interface DrawingProps {
  /** Called with whether the drawing is too wide to stand beside the list. */
  readonly onWide: (isWide: boolean) => void;
  /** The same in several forms. The first is drawn that is legible as a whole: beside the list if one is, else below it. */
  readonly plans: readonly MapPlan[];
  /** The key of the box that is in sight first. */
  readonly inSight: string | undefined;
  readonly children: (plan: MapPlan) => ComponentChildren;
}

/** The graph. It scrolls where the window has no room for it, and zooms by buttons, by `+`, `-` and `0`, and by Ctrl and the wheel. The tables say the same. */
export function Drawing({ plans, inSight, onWide, children }: DrawingProps) {
  const scroller = useRef<HTMLElement>(null);
  const width = useWidth(scroller);
  const height = scroller.current?.clientHeight ?? 0;
  const [chosen, setZoom] = useState<number>();
  const rooms = innerWidth > 900 ? [width - BESIDE, width] : [width];
  const tried = rooms.flatMap((room) =>
    // The scale in which all of it is in sight. A form that need not be smaller is read more easily than one with more room.
    plans
      .map((plan) => ({ plan, room, fit: Math.min(LEGIBLE, room / plan.width, height / plan.height) }))
      .toSorted((a, b) => Number(b.fit === LEGIBLE) - Number(a.fit === LEGIBLE)),
  );
  // A narrow window scrolls down alone, if it may.
  const isWithin = ({ plan, room }: (typeof tried)[number]) =>
    rooms.length === 1 && room >= NEARLY * plan.width;
  const { plan, room, fit } =
    tried.find((each) => each.fit >= NEARLY) ??
    tried.find(isWithin) ??
    tried.reduce((a, b) => (b.fit > a.fit ? b : a));
  const isWide = width > 0 && room !== rooms[0];
  useLayoutEffect(() => onWide(isWide), [onWide, isWide]);
  const zoom = chosen ?? Math.max(fit, NEARLY);
  const zoomTo = (to: number) => {
    setZoom(to);
    // The buttons go while all is in sight: the focus would go with them.
    if (to === fit && document.activeElement?.closest('.map-zoom'))
      scroller.current?.focus({ preventScroll: true });
  };
  const change = (factor: number) => zoomTo(Math.min(MOST, Math.max(fit, zoom * factor)));
  const showAll = () => zoomTo(fit);
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
            width={plan.width * zoom}
            height={plan.height * zoom}
            viewBox={`0 0 ${plan.width} ${plan.height}`}
          >
            <title>Services and who calls whom</title>
            <defs>
              <Arrow id="arrow" color="var(--edge)" />
              <Arrow id="arrow-failing" color="var(--err)" />
            </defs>
            {children(plan)}
          </svg>
        )}
      </section>
      {zoom !== fit && (
        <div class="map-zoom strip tight over">
          <IconButton icon="minus" label="Zoom out" title="-" onPress={() => change(1 / STEP)} />
          <IconButton icon="plus" label="Zoom in" title="+" onPress={() => change(STEP)} />
          <IconButton icon="fit" label="Fit" title="0" onPress={showAll} />
        </div>
      )}
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
      markerWidth={HEAD}
      markerHeight={HEAD}
      markerUnits="userSpaceOnUse"
      orient="auto"
    >
      <path d="M0 0L8 4L0 8z" fill={color} />
    </marker>
  );
}
