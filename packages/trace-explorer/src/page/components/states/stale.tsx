import type { ComponentChildren, RefObject } from 'preact';
import type { Load } from '../../api/use-load.ts';

interface StaleProps {
  readonly load: Pick<Load<unknown>, 'stale'>;
  readonly box?: RefObject<HTMLDivElement | null>;
  readonly children: ComponentChildren;
}

/** Marks parts of a view as being read anew while they still show the answer to earlier inputs, such as another time range. */
export function Stale({ load: { stale }, box, children }: StaleProps) {
  return (
    <div class="stale-part" aria-busy={stale} {...(box && { ref: box })}>
      {children}
    </div>
  );
}
