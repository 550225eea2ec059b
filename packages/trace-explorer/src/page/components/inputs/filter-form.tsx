import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from '../icon.tsx';

/**
 * The filters of a list. In a narrow window they would take half of the room, so the fields are folded until a person opens
 * them. Fields of class `always` are never folded.
 */
export function FilterForm({
  isSet,
  onClear,
  children,
}: {
  /** Whether it has a filter. The form then stands out. */
  readonly isSet: boolean;
  readonly onClear: () => void;
  readonly children: ComponentChildren;
}) {
  const [open, setOpen] = useState(false);
  return (
    <form
      class={`trace-filters band line${open ? ' open' : ''}`}
      aria-label="Filters"
      onSubmit={(event) => event.preventDefault()}
    >
      <button type="button" class="filters-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="filter" /> Filters{isSet && ' (set)'}
      </button>
      {children}
      {isSet && (
        <button type="button" class="ghost" onClick={onClear}>
          <Icon name="x" /> All filters
        </button>
      )}
    </form>
  );
}
