import { h } from 'preact';
import { ICONS } from './icons.ts';
import type { Shapes } from './lucide/icons.ts';

export type IconName = keyof typeof ICONS;

/** A picture of 16 pixels. It says nothing to a screen reader: a word stands beside it, or its control has a name. */
export function Icon({ name }: { name: IconName }) {
  return <Picture of={ICONS[name]} />;
}

/** A picture that only one part needs, as those of the frame. */
export function Picture({ of }: { of: Shapes }) {
  return (
    <svg class="icon-mark" viewBox="0 0 24 24" aria-hidden="true">
      {of.map(([tag, attributes]) => h(tag, attributes))}
    </svg>
  );
}
