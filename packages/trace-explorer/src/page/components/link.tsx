import type { ComponentChildren } from 'preact';
import type { Place } from '../../core/places/place.ts';
import { hrefOf } from '../../core/places/place.ts';

interface LinkProps {
  readonly to: Place;
  readonly class?: string | undefined;
  readonly title?: string | undefined;
  readonly tabIndex?: number;
  readonly style?: Readonly<Record<string, string>>;
  readonly 'aria-label'?: string;
  /** Says that the words are about going there: nothing is shown then. A name stays as text. */
  readonly isAction?: boolean;
  /** Whether it opens its row of a list: `j` and `k` lead to it. */
  readonly isRow?: boolean;
  readonly children?: ComponentChildren;
}

/** A link to a view. When the view's part was left out, no link is there. */
export function Link({ to, isAction = false, isRow = false, children, ...rest }: LinkProps) {
  const href = hrefOf(to);
  if (href !== undefined)
    return (
      <a {...rest} href={href} data-row={isRow || undefined}>
        {children}
      </a>
    );
  return isAction ? null : <span {...rest}>{children}</span>;
}
