import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface PopoverProps {
  /** Of the button. */
  readonly label: ComponentChildren;
  /** Of what it opens. */
  readonly title: string;
  readonly children: (close: () => void) => ComponentChildren;
}

/** A button that opens a small form below it; Escape and a click elsewhere close it. */
export function Popover({ label, title, children }: PopoverProps) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const close = () => {
    setOpen(false);
    root.current?.querySelector('button')?.focus();
  };
  // Before the next paint, so that a key pressed at once already reaches what is open.
  useLayoutEffect(() => {
    if (!open) return;
    root.current?.querySelector<HTMLElement>('.popover :is(button, input, select)')?.focus();
    const onPointer = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', onPointer);
    return () => document.removeEventListener('pointerdown', onPointer);
  }, [open]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: listens for Escape from everything within
    <div
      class="menu"
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
    >
      <button
        type="button"
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {label} <span aria-hidden="true">▾</span>
      </button>
      {open && (
        <div class="popover" role="dialog" aria-label={title} id={id}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
