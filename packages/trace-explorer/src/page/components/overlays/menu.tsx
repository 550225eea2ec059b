import type { ComponentChildren } from 'preact';
import { Popover } from './popover.tsx';

export interface MenuItem {
  readonly key: string;
  readonly label: ComponentChildren;
  readonly onSelect: () => void;
}

/** A button that opens a list of actions. Arrow keys move within the list. */
export function Menu({ label, items }: { label: ComponentChildren; items: readonly MenuItem[] }) {
  return (
    <Popover label={label} kind="menu" class="menu-list">
      {(close) =>
        items.map((item) => (
          <button
            key={item.key}
            type="button"
            role="menuitem"
            class="bare ellipsis"
            tabIndex={-1}
            onKeyDown={(event) => move(event, close)}
            onClick={() => {
              close();
              item.onSelect();
            }}
          >
            {item.label}
          </button>
        ))
      }
    </Popover>
  );
}

/** A menu behind ⋯, for actions that people seldom need. @param about names the button for a screen reader */
export function MoreMenu({ about, items }: { about: string; items: readonly MenuItem[] }) {
  const label = (
    <>
      <span aria-hidden="true">⋯</span>
      <span class="visually-hidden">{about}</span>
    </>
  );
  return <Menu label={label} items={items} />;
}

function move(event: KeyboardEvent & { readonly currentTarget: HTMLElement }, close: () => void): void {
  const all = [...(event.currentTarget.parentElement?.children ?? [])] as HTMLElement[];
  const at = all.indexOf(event.currentTarget);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === 'Tab') close();
  if (next === undefined) return;
  all.at(next % all.length)?.focus();
  event.preventDefault();
  event.stopPropagation();
}
