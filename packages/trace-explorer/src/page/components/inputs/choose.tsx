import { useId, useRef, useState } from 'preact/hooks';
import { CutLabel } from '../cut-label.tsx';
import { Icon } from '../icon.tsx';
import { useListbox } from './listbox.tsx';

/** A value that is its own text, or a value and its text. */
export type Choice = string | readonly [value: string, text: string];

export interface ChooseProps {
  readonly label: string;
  /** The chosen value; undefined for none. The choices get a value that is not among them. */
  readonly value: string | undefined;
  readonly choices: readonly Choice[];
  /** Text for no choice. Absent when a person must choose. */
  readonly none?: string;
  readonly onChoose: (value: string | undefined) => void;
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
  const { label, value, onChoose, hidesLabel, isDisabled, title } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const [filter, setFilter] = useState('');
  const all = choicesOf(props);
  const texts = all.map(({ text }) => text);
  const wanted = filter.trim().toLowerCase();
  const shown = all.filter(({ text }) => text.toLowerCase().includes(wanted));
  const chosen = all.find((each) => each.value === (value ?? '')) ?? all[0];
  const isFiltered = all.length >= FILTERED;
  const take = (each: (typeof all)[number] | undefined) => {
    box.current?.hidePopover();
    if (each !== undefined) onChoose(each.value || undefined);
  };
  const listbox = useListbox({
    items: shown,
    label,
    isShown: open,
    keyOf: (each) => each.value,
    draw: (each) => (
      <>
        <CutLabel text={each.text} all={texts} />
        {each === chosen && <Icon name="check" />}
      </>
    ),
    onTake: take,
    first: wanted !== '' || chosen === undefined ? 0 : all.indexOf(chosen),
    chosen,
    textOf: isFiltered ? undefined : ({ text }) => text,
    class: '',
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!open) {
      if (key !== 'ArrowDown' && key !== 'ArrowUp') return;
      box.current?.showPopover({ source: button.current ?? undefined } as never);
    } else if (key === 'Enter' || (key === ' ' && !isFiltered)) take(listbox.taken);
    else if (key === 'Tab') {
      box.current?.hidePopover();
      return;
    } else if (!listbox.move(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <span>
      <button
        {...listbox.combobox}
        {...(isFiltered && { 'aria-activedescendant': undefined })}
        ref={button}
        type="button"
        class="select"
        disabled={isDisabled}
        title={title}
        popovertarget={id}
        aria-labelledby={`${id}-label`}
        onKeyDown={onKeyDown}
      >
        <span id={`${id}-label`} class={hidesLabel ? 'visually-hidden' : 'faint'}>
          {label}
        </span>
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
          listbox.reset();
        }}
        onToggle={({ newState }) =>
          newState === 'open' && box.current?.querySelector<HTMLElement>('input')?.focus()
        }
      >
        {open && isFiltered && (
          <span class="field whole">
            <Icon name="search" />
            <input
              {...listbox.line}
              aria-label={`${label}, filter`}
              value={filter}
              onInput={({ currentTarget }) => {
                setFilter(currentTarget.value);
                listbox.reset();
              }}
              onKeyDown={onKeyDown}
            />
            <span role="status" class="meta">
              {shown.length} of {all.length}
            </span>
          </span>
        )}
        {open && listbox.list}
      </div>
    </span>
  );
}

function choicesOf({ choices, none, value }: ChooseProps) {
  const all = choices.map((each) => {
    const [own, text = own] = typeof each === 'string' ? [each] : each;
    return { value: own, text };
  });
  const isAmong = value === undefined || all.some((each) => each.value === value);
  if (!isAmong) all.push({ value, text: value });
  return none === undefined ? all : [{ value: '', text: none }, ...all];
}
