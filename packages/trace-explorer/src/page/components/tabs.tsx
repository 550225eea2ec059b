import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { moveByArrows } from './overlays/menu.tsx';

export interface TabItem {
  readonly key: string;
  readonly label: ComponentChildren;
}

export interface TabsProps {
  readonly label: string;
  readonly items: readonly TabItem[];
  readonly selected: string;
  readonly onSelect: (key: string) => void;
  /** The panel of the selected tab. */
  readonly children: ComponentChildren;
}

/** Tabs with arrow keys, after WAI-ARIA's authoring practices. */
export function Tabs({ label, items, selected, onSelect, children }: TabsProps) {
  const id = useId();
  return (
    <div class="tabs">
      <div class="tab-list" role="tablist" aria-label={label}>
        {items.map((item) => (
          <button
            key={item.key}
            type="button"
            role="tab"
            class="ghost"
            id={`${id}-${item.key}`}
            aria-selected={item.key === selected}
            aria-controls={`${id}-panel`}
            tabIndex={item.key === selected ? 0 : -1}
            onKeyDown={(event) => moveByArrows(event, true)}
            onFocus={() => item.key !== selected && onSelect(item.key)}
            onClick={() => onSelect(item.key)}
          >
            {item.label}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${selected}`}>
        {children}
      </div>
    </div>
  );
}
