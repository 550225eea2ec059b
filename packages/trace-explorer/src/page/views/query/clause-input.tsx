import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ClauseError } from './clauses.ts';
import type { Complete, CompletionContext, Suggestion } from './complete.ts';

export interface ClauseInputProps<Item> {
  /** `WHERE`. */
  readonly name: string;
  readonly placeholder: string;
  readonly items: readonly Item[];
  readonly onChange: (items: readonly Item[]) => void;
  /** @throws ClauseError */
  readonly parse: (text: string) => Item;
  readonly format: (item: Item) => string;
  /** Items that cannot be written as text keep their place, and can only be removed. */
  readonly editable?: (item: Item) => boolean;
  readonly complete: Complete;
  readonly context: CompletionContext;
  /** Changes, from 1 on, when it is to have the focus. */
  readonly focused?: number;
  /** What stands below, given what is written and not yet taken. */
  readonly below?: (text: string) => ComponentChildren;
}

/** One clause of a query: what is in it as chips, and a line that takes the next one, with completion. */
export function ClauseInput<Item>(props: ClauseInputProps<Item>) {
  const { name, items, onChange, format, context, focused = 0 } = props;
  const id = useId();
  const [text, setText] = useState('');
  const [error, setError] = useState<string>();
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const suggestions = useSuggestions(props.complete, text, context, open);
  const shown = open && suggestions.length > 0;

  useLayoutEffect(() => {
    if (focused > 0) input.current?.focus();
  }, [focused]);
  const commit = (written: string): boolean => {
    if (written.trim() === '') return true;
    try {
      onChange([...items, props.parse(written)]);
    } catch (problem) {
      if (!(problem instanceof ClauseError)) throw problem;
      setError(problem.message);
      return false;
    }
    setText('');
    setError(undefined);
    setActive(-1);
    return true;
  };
  const take = ({ text: taken, done }: Suggestion) => {
    setActive(-1);
    input.current?.focus();
    if (done) commit(taken);
    else setText(taken);
  };
  const edit = (index: number) => {
    const item = items[index];
    if (item === undefined || props.editable?.(item) === false) return;
    onChange(items.filter((_, i) => i !== index));
    setText(format(item));
    input.current?.focus();
  };
  const remove = (index: number) => {
    onChange(items.filter((_, i) => i !== index));
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const count = suggestions.length;
    const chosen = shown ? suggestions[active] : undefined;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (!shown) setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (count > 0) setActive(active < 0 && step < 0 ? count - 1 : (active + step + count) % count);
    } else if (event.key === 'Enter' && event.shiftKey) {
      // Runs the query, which needs what is written here first.
      if (!commit(text)) event.stopPropagation();
      setOpen(false);
      return;
    } else if (event.key === 'Enter' && chosen !== undefined) take(chosen);
    else if (event.key === 'Enter') commit(text);
    else if (event.key === 'Tab' && chosen !== undefined && !event.shiftKey) take(chosen);
    else if (event.key === 'Escape' && shown) setOpen(false);
    else if (event.key === 'Backspace' && text === '' && items.length > 0) edit(items.length - 1);
    else return;
    event.preventDefault();
  };

  return (
    <div class="clause">
      <label class="clause-name" for={`${id}-input`}>
        {name}
      </label>
      <div class="clause-body">
        {items.map((item, index) => (
          <span class="chip" key={format(item)}>
            <button
              type="button"
              class="chip-text mono"
              title="Edit"
              disabled={props.editable?.(item) === false}
              onClick={() => edit(index)}
            >
              {format(item)}
            </button>
            <button
              type="button"
              class="chip-remove"
              aria-label={`Remove ${format(item)}`}
              onClick={() => remove(index)}
            >
              ×
            </button>
          </span>
        ))}
        <input
          ref={input}
          id={`${id}-input`}
          class="clause-input mono"
          data-clause={name}
          role="combobox"
          aria-expanded={shown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={shown && active >= 0 ? `${id}-${active}` : undefined}
          aria-invalid={error !== undefined}
          aria-describedby={error === undefined ? undefined : `${id}-error`}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder={items.length === 0 ? props.placeholder : ''}
          value={text}
          onFocus={() => setOpen(true)}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setError(undefined);
            setOpen(true);
            setActive(-1);
          }}
          onBlur={() => {
            setOpen(false);
            commit(text);
          }}
          onKeyDown={onKeyDown}
        />
        <div
          class="suggestions"
          role="listbox"
          id={`${id}-list`}
          aria-label={`${name}: what fits`}
          // A list that scrolls would be a stop of Tab, and is hidden as soon as the input is left.
          tabIndex={-1}
          hidden={!shown}
          onPointerDown={(event) => event.preventDefault()}
        >
          {shown &&
            suggestions.map((suggestion, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox's input has the keys
              <div
                key={suggestion.text}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === active}
                ref={index === active ? scrollIntoSight : null}
                onClick={() => take(suggestion)}
              >
                <span class="mono">{suggestion.label}</span>
                {suggestion.detail !== undefined && <span class="muted">{suggestion.detail}</span>}
              </div>
            ))}
        </div>
        {props.below?.(text)}
        {error !== undefined && (
          <p class="clause-error error-text" id={`${id}-error`} role="alert">
            {error}
          </p>
        )}
      </div>
    </div>
  );
}

function scrollIntoSight(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}

/** Suggestions for the text; when several answers come late, only the last one counts. */
function useSuggestions(complete: Complete, text: string, context: CompletionContext, open: boolean) {
  const [found, setFound] = useState<readonly Suggestion[]>([]);
  useEffect(() => {
    if (!open) return;
    let wanted = true;
    Promise.resolve(complete(text, context)).then(
      (suggestions) => wanted && setFound(suggestions),
      // Without suggestions a person can still write.
      () => wanted && setFound([]),
    );
    return () => {
      wanted = false;
    };
  }, [complete, text, context, open]);
  return found;
}
