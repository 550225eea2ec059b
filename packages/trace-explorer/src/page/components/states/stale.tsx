import type { ComponentChildren } from 'preact';
import type { Load } from '../../api/use-load.ts';

/** Marks parts of a view as being read anew while they still show the answer to earlier inputs, such as another time range. */
export function Stale({
  load: { stale },
  children,
}: {
  load: Pick<Load<unknown>, 'stale'>;
  children: ComponentChildren;
}) {
  return (
    <div class="stale-part" aria-busy={stale}>
      {children}
    </div>
  );
}
