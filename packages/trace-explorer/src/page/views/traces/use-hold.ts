import { useState } from 'preact/hooks';

/**
 * Whether a list must hold still: a mouse is over it, or the keyboard's focus is in it. So nobody presses a row that has just
 * moved there. A touch does not stay, so it does not hold the list.
 */
export function useHold() {
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  return {
    held: pointed || focused,
    /** Releases the list until the pointer or the focus returns. */
    release: () => {
      setPointed(false);
      setFocused(false);
    },
    listeners: {
      onPointerEnter: (event: PointerEvent) => setPointed(event.pointerType === 'mouse'),
      onPointerLeave: () => setPointed(false),
      onFocusIn: () => setFocused(true),
      onFocusOut: (event: FocusEvent) => {
        const list = event.currentTarget as Element;
        setFocused(event.relatedTarget instanceof Node && list.contains(event.relatedTarget));
      },
    },
  };
}
