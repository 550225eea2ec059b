import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';

export interface SuggestionsOptions<Item> {
  readonly items: readonly Item[];
  readonly label: string;
  readonly isShown: boolean;
  readonly keyOf: (item: Item) => string;
  readonly draw: (item: Item) => ComponentChildren;
  readonly onTake: (item: Item) => void;
  /** Whether the first suggestion is active from the start. */
  readonly startsAtFirst?: boolean;
}

/** Suggestions below a text field, as a combobox of WAI-ARIA's authoring practices. The field keeps the focus. */
export function useSuggestions<Item>({
  items,
  label,
  isShown,
  keyOf,
  draw,
  onTake,
  startsAtFirst = false,
}: SuggestionsOptions<Item>) {
  const id = useId();
  const first = startsAtFirst ? 0 : -1;
  const [moved, setChosen] = useState<number>();
  const active = Math.min(moved ?? first, items.length - 1);
  return {
    /** The suggestion that a key would take: the active one, else the only one. */
    taken: isShown ? (items[active] ?? (items.length === 1 ? items[0] : undefined)) : undefined,
    isActive: active >= 0,
    /** Nothing is chosen any more: the text is another one. */
    reset: () => setChosen(undefined),
    /** Moves by an arrow key; false for any other key. */
    move(key: string): boolean {
      const step = { ArrowDown: 1, ArrowUp: -1 }[key];
      if (step === undefined) return false;
      const { length } = items;
      if (length > 0) setChosen(active < 0 && step < 0 ? length - 1 : (active + step + length) % length);
      return true;
    },
    /** Attributes of the text field. */
    line: {
      role: 'combobox',
      'aria-expanded': isShown,
      'aria-controls': `${id}-list`,
      'aria-autocomplete': 'list',
      'aria-activedescendant': isShown && active >= 0 ? `${id}-${active}` : undefined,
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: false,
    } as const,
    list: (
      <div
        class="suggestions over"
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
            // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox's input has the keys
            <div
              class="option apart"
              key={keyOf(item)}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
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
