import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useLoad } from '../../../../page/api/use-load.ts';
import { Icon } from '../../../../page/components/icon.tsx';
import { useListbox } from '../../../../page/components/inputs/listbox.tsx';
import { ClauseError } from './clauses.ts';
import type { Complete, CompletionContext, Suggestion } from './complete.ts';

export interface ClauseInputProps<Item> {
  readonly name: string;
  readonly placeholder: string;
  readonly items: readonly Item[];
  readonly onChange: (items: readonly Item[]) => void;
  /** @throws ClauseError */
  readonly parse: (text: string) => Item;
  readonly format: (item: Item) => string;
  /** Whether a person can edit an item as text, not only remove it. */
  readonly editable?: (item: Item) => boolean;
  readonly complete: Complete;
  readonly context: CompletionContext;
  /** Shown below the field, for the text that is not yet a chip. */
  readonly below?: (text: string) => ComponentChildren;
}

const NOTHING: readonly Suggestion[] = [];

/** One clause of a query: its parts as chips, and a text field with completion for the next part. */
export function ClauseInput<Item>(props: ClauseInputProps<Item>) {
  const { name, items, onChange, format, context } = props;
  const id = useId();
  const [text, setText] = useState('');
  const [error, setError] = useState<string>();
  const [open, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  // Without suggestions a person can still type.
  const { value: found = NOTHING } = useLoad(
    async () => (open ? props.complete(text, context) : NOTHING),
    [props.complete, text, context, open],
  );
  const isShown = open && found.length > 0;
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (isShown) list.current?.showPopover({ source: input.current ?? undefined } as never);
    else list.current?.hidePopover();
  }, [isShown]);
  const placeholder = items.length === 0 ? props.placeholder : '+';

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
    suggestions.reset();
    return true;
  };
  const take = ({ text: taken, done }: Suggestion) => {
    suggestions.reset();
    input.current?.focus();
    if (done) commit(taken);
    else setText(taken);
  };
  const suggestions = useListbox({
    items: found,
    label: `${name}: what fits`,
    isShown,
    keyOf: (each) => each.text,
    draw: ({ text: whole, label = whole, detail }) => (
      <>
        <span class="mono">{label}</span>
        {detail !== undefined && <span class="muted">{detail}</span>}
      </>
    ),
    onTake: take,
    class: '',
  });
  /** The suggestion that a key takes: the chosen one, or the only one, if it contains the written text. */
  const takenBy = (key: string): Suggestion | undefined => {
    const { taken, isActive } = suggestions;
    if (taken === undefined || isActive) return taken;
    const written = text.trim().toLowerCase();
    if (written === '' || !taken.text.toLowerCase().includes(written)) return undefined;
    // A person may mean the written value, such as 1 when 15 is stored.
    return key === 'Enter' && taken.isValue ? undefined : taken;
  };
  const remove = (index: number) => {
    onChange(items.filter((_, i) => i !== index));
    input.current?.focus();
  };
  const edit = (index: number) => {
    const item = items[index];
    if (item === undefined || props.editable?.(item) === false) return;
    remove(index);
    setText(format(item));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const taken = takenBy(event.key);
    if (suggestions.move(event)) setOpen(true);
    else if (event.key === 'Enter' && event.shiftKey) {
      // The key runs the query. The written text must become part of the query first.
      if (!commit(text)) event.stopPropagation();
      setOpen(false);
      return;
    } else if (taken !== undefined && (event.key === 'Enter' || (event.key === 'Tab' && !event.shiftKey)))
      take(taken);
    else if (event.key === 'Enter') commit(text);
    else if (event.key === 'Escape' && isShown) setOpen(false);
    else if (event.key === 'Backspace' && text === '' && items.length > 0) edit(items.length - 1);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <div class="clause strip">
        <label class="label firm" for={`${id}-input`}>
          {name.charAt(0) + name.slice(1).toLowerCase()}
        </label>
        <div class="clause-body line tight">
          {items.map((item, index) => {
            const written = format(item);
            // The name of a calculation stands out.
            const [, operation = '', rest = ''] = /^([A-Z][A-Z0-9_]*(?![a-z.]))?(.*)$/su.exec(written) ?? [];
            return (
              <span class="chip" key={written}>
                <button
                  type="button"
                  class="bare chip-text mono ellipsis"
                  title="Edit"
                  disabled={props.editable?.(item) === false}
                  onClick={() => edit(index)}
                >
                  <b>{operation}</b>
                  {rest}
                </button>
                <button
                  type="button"
                  class="bare"
                  aria-label={`Remove ${written}`}
                  onClick={() => remove(index)}
                >
                  <Icon name="x" />
                </button>
              </span>
            );
          })}
          <span class="clause-slot within">
            <span aria-hidden="true">{placeholder}</span>
            <input
              {...suggestions.line}
              ref={input}
              id={`${id}-input`}
              class="clause-input placed mono"
              aria-label={name}
              data-clause={name}
              aria-invalid={error !== undefined}
              aria-describedby={error === undefined ? undefined : `${id}-error`}
              placeholder={placeholder}
              value={text}
              onFocus={() => setOpen(true)}
              onInput={(event) => {
                setText(event.currentTarget.value);
                setError(undefined);
                setOpen(true);
                suggestions.reset();
              }}
              onBlur={() => {
                setOpen(false);
                commit(text);
              }}
              onKeyDown={onKeyDown}
            />
          </span>
          <div ref={list} popover="manual" class="menu-list suggestions" tabIndex={-1}>
            {suggestions.list}
          </div>
        </div>
      </div>
      {props.below?.(text)}
      {error !== undefined && (
        <p class="clause-error error-text whole" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </>
  );
}
