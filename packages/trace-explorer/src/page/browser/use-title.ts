import { useEffect } from 'preact/hooks';
import { visibleName } from '../../lib/text/harmless-text.ts';

/** The window's title, for a view that is about one thing: `Service cart`. Undefined until it is known. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    if (title !== undefined) document.title = `${visibleName(title)} · Tandem`;
  }, [title]);
}
