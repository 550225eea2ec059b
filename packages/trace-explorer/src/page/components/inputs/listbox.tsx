import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { nextOption } from './next-option.ts';

export interface ListboxOptions<Item> {
  readonly items: readonly Item[];
  readonly label: string;
  readonly isShown: boolean;
  readonly keyOf: (item: Item) => string;
  readonly draw: (item: Item) => ComponentChildren;
  readonly onTake: (item: Item) => void;
  /** Position of the option that is active from the start; none when left out. */
  readonly first?: number;
  /** The option that is chosen now; the active one when left out. */
  readonly chosen?: Item | undefined;
  /** Text of each option, where letters lead to them; absent where letters belong to a text field. */
  readonly textOf?: ((item: Item) => string) | undefined;
  readonly class?: string;
}

/** A list of options below a control that keeps the focus: a combobox of WAI-ARIA's authoring practices. */
export function useListbox<Item>(options: ListboxOptions<Item>) {
  const { items, label, isShown, keyOf, draw, onTake, first = -1, chosen, textOf } = options;
  const id = useId();
  const [moved, setMoved] = useState<number>();
  const typed = useRef({ text: '', at: 0 });
  const active = Math.min(moved ?? first, items.length - 1);
  const combobox = {
    role: 'combobox',
    'aria-expanded': isShown,
    'aria-controls': `${id}-list`,
    'aria-activedescendant': isShown && active >= 0 ? `${id}-${active}` : undefined,
  } as const;
  return {
    /** The option that a key would take: the active one, else the only one. */
    taken: isShown ? (items[active] ?? (items.length === 1 ? items[0] : undefined)) : undefined,
    isActive: active >= 0,
    /** Nobody has moved in the list any more: its options are others. */
    reset: () => setMoved(undefined),
    /** Moves by a key; false for one that leads nowhere. */
    move(event: KeyboardEvent): boolean {
      const texts = items.map((item) => textOf?.(item) ?? '');
      const next = nextOption(texts, active, event, textOf && typed.current);
      if (next !== undefined) setMoved(next);
      return next !== undefined;
    },
    /** Attributes of a button that opens the list. */
    combobox,
    /** Attributes of a text field above the list. */
    line: {
      ...combobox,
      'aria-autocomplete': 'list',
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: false,
    } as const,
    list: (
      <div
        class={options.class ?? 'suggestions'}
        role="listbox"
        id={`${id}-list`}
        aria-label={label}
        // A scrolling list would be a stop of Tab, without keys of its own.
        tabIndex={-1}
        hidden={!isShown}
        onPointerDown={(event) => event.preventDefault()}
      >
        {isShown &&
          items.map((item, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the keys
            <div
              class={index === active ? 'option apart active' : 'option apart'}
              key={keyOf(item)}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              data-value={keyOf(item)}
              aria-selected={chosen === undefined ? index === active : item === chosen}
              ref={index === active ? scrollIntoSight : null}
              onClick={() => onTake(item)}
            >
              {draw(item)}
            </div>
          ))}
      </div>
    ),
  };
}

function scrollIntoSight(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}
