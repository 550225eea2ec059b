import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

/**
 * What a list is narrowed by. In a narrow window, where it would take half of it, fields stay folded until they are asked
 * for, but for those of class `always`.
 */
export function FilterForm({
  isSet,
  children,
}: {
  /** Whether something is narrowed, which is not to be overlooked. */
  readonly isSet: boolean;
  readonly children: ComponentChildren;
}) {
  const [open, setOpen] = useState(false);
  return (
    <form
      class={`trace-filters${open ? ' open' : ''}`}
      aria-label="Filters"
      onSubmit={(event) => event.preventDefault()}
    >
      <button type="button" class="filters-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? '▾' : '▸'} Filters{isSet && ' (set)'}
      </button>
      {children}
    </form>
  );
}
