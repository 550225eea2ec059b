import { useState } from 'preact/hooks';

export type PointerOn = PointerEvent & { readonly currentTarget: HTMLElement };

/**
 * Marks a stretch of an element with the pointer, in shares of its width.
 * @param onEnd called with both ends when the button is released; both ends are equal after a click
 */
export function useDrag(onEnd: (from: number, to: number, event: PointerOn) => void) {
  const [drag, setDrag] = useState<readonly [from: number, to: number]>();
  const shareAt = (event: PointerOn) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / width));
  };
  const marked = drag && ([Math.min(...drag), Math.max(...drag)] as const);
  return {
    /** The stretch while a button is pressed; undefined otherwise. */
    marked,
    handlers: {
      onPointerDown(event: PointerOn) {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag([shareAt(event), shareAt(event)]);
      },
      onPointerMove: (event: PointerOn) => drag && setDrag([drag[0], shareAt(event)]),
      onPointerUp(event: PointerOn) {
        setDrag(undefined);
        if (marked) onEnd(...marked, event);
      },
      onPointerCancel: () => setDrag(undefined),
    },
  };
}
