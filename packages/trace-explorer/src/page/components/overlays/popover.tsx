import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { IconName } from '../icon.tsx';
import { Icon } from '../icon.tsx';

/** What a button says that opens something. */
export interface Opener {
  readonly label: ComponentChildren;
  /** Before the label. Of a button of class `icon` the label is for a screen reader alone. */
  readonly icon?: IconName;
  /** Whether a mark after the label says that it opens something. */
  readonly hasMark?: boolean;
  /** Class of the button. */
  readonly button?: string;
}

export interface PopoverProps extends Opener {
  /** Name of the opened part. A menu has the name of its button. */
  readonly title?: string;
  readonly kind?: 'dialog' | 'menu';
  readonly class?: string;
  readonly about?: string | undefined;
  readonly children: (close: () => void) => ComponentChildren;
}

/**
 * A button that opens a small part below it. The browser positions the part, closes it after Escape or a click outside, and
 * returns the focus (the Popover API): what has the focus stays until then.
 */
export function Popover(props: PopoverProps) {
  const { label, icon, hasMark, title, kind = 'dialog', class: name = 'popover', button, about } = props;
  const id = useId();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  return (
    <>
      <button
        type="button"
        class={button}
        title={about}
        popovertarget={id}
        aria-haspopup={kind}
        aria-expanded={open}
      >
        {icon !== undefined && <Icon name={icon} />}
        {button === 'icon' ? <span class="visually-hidden">{label}</span> : label}
        {hasMark && <Icon name="chevron-down" />}
      </button>
      <div
        ref={box}
        id={id}
        popover="auto"
        class={name}
        {...{ role: kind, 'aria-label': title }}
        onBeforeToggle={({ newState }) => newState === 'open' && setOpen(true)}
        onToggle={({ newState }) => (newState === 'open' ? focusIn(box.current) : setOpen(false))}
      >
        {open && props.children(() => box.current?.hidePopover())}
      </div>
    </>
  );
}

/** Whether a pointer is at hand. Where there is none, a field that has the focus opens a keyboard on the screen. */
export function hasPointer(): boolean {
  return matchMedia('(hover: hover)').matches;
}

const FIRST = ['[aria-pressed="true"]', '[role="menuitem"]', 'button, input'];

/** Puts the focus on what is to have it, or on the chosen of several, else on the first item or control. */
function focusIn(box: HTMLElement | null): void {
  const first = [...(hasPointer() ? ['[data-first]'] : []), ...FIRST].find((each) =>
    box?.querySelector(each),
  );
  if (first !== undefined) box?.querySelector<HTMLElement>(first)?.focus();
}
