import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';

export interface PopoverProps {
  readonly label: ComponentChildren;
  /** Name of the opened part. A menu has the name of its button. */
  readonly title?: string;
  readonly kind?: 'dialog' | 'menu';
  readonly class?: string;
  readonly children: (close: () => void) => ComponentChildren;
}

/**
 * A button that opens a small part below it. The browser positions the part, closes it after Escape or a click outside, and
 * returns the focus (the Popover API).
 */
export function Popover({ label, title, kind = 'dialog', class: name = 'popover', children }: PopoverProps) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  return (
    <>
      <button type="button" popovertarget={id} aria-haspopup={kind} aria-expanded={open}>
        {label}
      </button>
      <div
        ref={box}
        id={id}
        popover="auto"
        class={name}
        {...{ role: kind, 'aria-label': title }}
        onBeforeToggle={(event) => setOpen(event.newState === 'open')}
        onToggle={() => box.current?.querySelector<HTMLElement>('button, input, select')?.focus()}
      >
        {open && children(() => box.current?.hidePopover())}
      </div>
    </>
  );
}
