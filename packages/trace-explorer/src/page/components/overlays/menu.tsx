import type { ComponentChildren } from 'preact';
import { Fragment } from 'preact';
import type { IconName } from '../icon.tsx';
import { Icon } from '../icon.tsx';
import type { Opener } from './popover.tsx';
import { Popover } from './popover.tsx';

export interface MenuItem {
  readonly key: string;
  readonly label: ComponentChildren;
  readonly onSelect: () => void;
  readonly icon?: IconName;
  readonly keys?: string;
  /** Whether it takes something away. */
  readonly isDanger?: boolean;
  /** Whether the list stays open, because the item's label says what came of it. */
  readonly stays?: boolean;
  /** Whether a line is above it. */
  readonly begins?: boolean;
}

/** A button that opens a list of actions. Arrow keys move within the list. */
export function Menu({ items, ...opener }: Opener & { readonly items: readonly MenuItem[] }) {
  return (
    <Popover {...opener} kind="menu" class="menu-list">
      {(close) => <MenuItems items={items} close={close} />}
    </Popover>
  );
}

/** The actions of a menu, for what has more in it than they. */
export function MenuItems({ items, close }: { items: readonly MenuItem[]; close: () => void }) {
  return (
    <>
      {items.map((item, index) => (
        <Fragment key={item.key}>
          {item.begins && <hr />}
          <button
            type="button"
            role="menuitem"
            class={item.isDanger ? 'bare option error-text' : 'bare option'}
            tabIndex={index === 0 ? 0 : -1}
            aria-keyshortcuts={item.keys}
            onKeyDown={(event) => (event.key === 'Tab' && !event.shiftKey ? close() : moveByArrows(event))}
            onClick={() => {
              if (!item.stays) close();
              item.onSelect();
            }}
          >
            {item.icon !== undefined && <Icon name={item.icon} />}
            <span class="ellipsis">{item.label}</span>
            {item.keys !== undefined && (
              <span class="at-end faint" aria-hidden="true">
                {item.keys}
              </span>
            )}
          </button>
        </Fragment>
      ))}
    </>
  );
}

/** A menu behind ⋯, for actions that people seldom need. @param about names the button for a screen reader */
export function MoreMenu({ about, items }: { about: string; items: readonly MenuItem[] }) {
  return <Menu icon="more" label={about} items={items} button="icon" />;
}

/** Moves the focus between the buttons beside the focused one. @param isRow whether they stand in one row */
export function moveByArrows(event: KeyboardEvent, isRow = false): void {
  const button = (event.target as Element).closest('button');
  if (button === null) return;
  const all = [...(button.parentElement?.querySelectorAll<HTMLElement>(':scope > button') ?? [])];
  const at = all.indexOf(button);
  const [forward, back] = isRow ? ['ArrowRight', 'ArrowLeft'] : ['ArrowDown', 'ArrowUp'];
  const next = { [forward]: at + 1, [back]: at - 1, Home: 0, End: -1 }[event.key];
  if (next === undefined) return;
  all.at(next % all.length)?.focus();
  event.preventDefault();
  event.stopPropagation();
}
