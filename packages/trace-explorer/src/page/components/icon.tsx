import { h } from 'preact';
import type { IconName } from './icons.ts';
import { icons } from './icons.ts';

/** A picture of 16 pixels. It says nothing to a screen reader: a word stands beside it, or its control has a name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon-mark" viewBox="0 0 24 24" aria-hidden="true">
      {icons[name].map(([tag, attributes]) => h(tag, attributes))}
    </svg>
  );
}
