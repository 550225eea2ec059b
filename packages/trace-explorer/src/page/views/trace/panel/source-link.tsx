import { sourceOf } from './source-of.ts';
import type { HoneycombForm } from './span-forms.ts';

/** The line of code that a span is about, opened in VS Code where its path is absolute. */
export function SourceLink({ fields }: { fields: NonNullable<HoneycombForm['event']>['data'] }) {
  const place = sourceOf(fields ?? {});
  if (place === undefined) return null;
  const { text, name, href } = place;
  return (
    <p class="source-link">
      Source{' '}
      {href === undefined ? (
        <span class="mono">{text}</span>
      ) : (
        <a class="mono" href={href} title="Opens in VS Code">
          {text}
        </a>
      )}
      {name !== undefined && <span class="muted mono"> {name}</span>}
    </p>
  );
}
