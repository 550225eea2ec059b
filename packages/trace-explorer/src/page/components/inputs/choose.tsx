import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { CutLabel } from '../cut-label.tsx';
import { Icon } from '../icon.tsx';
import { nextChoice } from './next-choice.ts';

/** A value, its text, and what the list shows of it besides. */
export interface FullChoice {
  readonly value: string;
  readonly text: string;
  /** Before the text, such as a service's mark. */
  readonly mark?: ComponentChildren;
  /** At the end of the row, such as a count. */
  readonly detail?: ComponentChildren;
}
export type Choice = string | readonly [value: string, text: string] | FullChoice;

export interface ChooseProps {
  readonly label: string;
  /** The chosen value; undefined for none. The choices get a value that is not among them. */
  readonly value: string | undefined;
  readonly choices: readonly Choice[];
  /** Text for no choice. Absent when a person must choose. */
  readonly none?: string;
  readonly onChoose: (value: string | undefined) => void;
  /** Called when the pointer or the focus comes to the list. */
  readonly onNear?: () => void;
  readonly class?: string;
  readonly isDisabled?: boolean;
  readonly title?: string | undefined;
  /** Whether the label is only for screen readers. */
  readonly hidesLabel?: boolean;
}

/** So many choices and more have a filter. */
const FILTERED = 9;

/**
 * A choice from a list, after WAI-ARIA's combobox that only selects; with a filter, the list's field is the combobox. The
 * browser places the list and closes it (the Popover API).
 */
export function Choose(props: ChooseProps) {
  const { label, value, onChoose, onNear, hidesLabel, isDisabled, title, class: name = '' } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const [filter, setFilter] = useState('');
  const [active, setActive] = useState(0);
  const all = choicesOf(props);
  const texts = all.map(({ text }) => text);
  const wanted = filter.trim().toLowerCase();
  const shown = all.filter(({ text }) => text.toLowerCase().includes(wanted));
  const chosen = all.find((each) => each.value === (value ?? '')) ?? all[0];
  const isFiltered = all.length >= FILTERED;
  const typed = useRef({ text: '', at: 0 });
  const take = (each = shown[active]) => {
    box.current?.hidePopover();
    if (each !== undefined) onChoose(each.value || undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!open) {
      if (key !== 'ArrowDown' && key !== 'ArrowUp') return;
      box.current?.showPopover({ source: button.current ?? undefined } as never);
    } else if (key === 'Enter' || (key === ' ' && !isFiltered)) take();
    else if (key === 'Tab') {
      box.current?.hidePopover();
      return;
    } else {
      const next = nextChoice(shown, active, event, isFiltered ? undefined : typed.current);
      if (next === undefined) return;
      setActive(next);
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const at = open && active < shown.length ? `${id}-${active}` : undefined;
  const combobox = {
    role: 'combobox',
    'aria-expanded': open,
    'aria-controls': `${id}-list`,
    'aria-haspopup': 'listbox',
  } as const;
  return (
    <span class={name} onFocusCapture={onNear} onPointerEnter={onNear}>
      <button
        {...combobox}
        ref={button}
        type="button"
        class="select"
        disabled={isDisabled}
        title={title}
        popovertarget={id}
        aria-labelledby={`${id}-label`}
        {...(!isFiltered && at !== undefined && { 'aria-activedescendant': at })}
        onKeyDown={onKeyDown}
      >
        <span id={`${id}-label`} class={hidesLabel ? 'visually-hidden' : 'faint'}>
          {label}
        </span>
        {chosen?.mark}
        {chosen !== undefined && <CutLabel text={chosen.text} />}
        <Icon name="chevron-down" />
      </button>
      <div
        ref={box}
        id={id}
        popover="auto"
        class="menu-list select-list"
        onBeforeToggle={({ newState }) => {
          setOpen(newState === 'open');
          // The field of the filter goes, and the focus with it.
          if (newState === 'closed' && box.current?.contains(document.activeElement)) button.current?.focus();
          setFilter('');
          setActive(chosen === undefined ? 0 : all.indexOf(chosen));
        }}
        onToggle={({ newState }) =>
          newState === 'open' && box.current?.querySelector<HTMLElement>('input')?.focus()
        }
      >
        {open && isFiltered && (
          <span class="field whole">
            <Icon name="search" />
            <input
              {...combobox}
              aria-label={`${label}, filter`}
              aria-activedescendant={at}
              aria-autocomplete="list"
              autocomplete="off"
              spellcheck={false}
              value={filter}
              onInput={({ currentTarget }) => {
                setFilter(currentTarget.value);
                setActive(0);
              }}
              onKeyDown={onKeyDown}
            />
            <span role="status" class="meta">
              {shown.length} of {all.length}
            </span>
          </span>
        )}
        {open && (
          <div id={`${id}-list`} role="listbox" aria-label={label}>
            {shown.map((each, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the keys
              <div
                key={each.value}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                class={index === active ? 'option active' : 'option'}
                data-value={each.value}
                aria-selected={each === chosen}
                ref={index === active ? scrollIntoSight : null}
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => take(each)}
              >
                {each.mark}
                <CutLabel text={each.text} all={texts} />
                <span class="at-end faint">{each.detail}</span>
                {each === chosen && <Icon name="check" />}
              </div>
            ))}
          </div>
        )}
      </div>
    </span>
  );
}

function choicesOf({ choices, none, value }: ChooseProps): FullChoice[] {
  const all = choices.map((each): FullChoice => {
    if (typeof each === 'string') return { value: each, text: each };
    return 'text' in each ? each : { value: each[0], text: each[1] };
  });
  const isAmong = value === undefined || all.some((each) => each.value === value);
  if (!isAmong) all.push({ value, text: value });
  return none === undefined ? all : [{ value: '', text: none }, ...all];
}

function scrollIntoSight(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}
