import { Choose } from '../../../../page/components/inputs/choose.tsx';
import { useStoredText } from '../layout/use-stored.ts';
import { EDITORS, sourceOf } from './source-of.ts';
import type { HoneycombForm } from './span-forms.ts';

/** The line of code of a span. With an absolute path, a link opens the line in the chosen editor. */
export function SourceLink({ fields }: { fields: NonNullable<HoneycombForm['event']>['data'] }) {
  const [chosen = '', choose] = useStoredText('editor');
  const editor = EDITORS.find(({ id }) => id === chosen) ?? EDITORS[0];
  const place = sourceOf(fields ?? {}, editor);
  if (place === undefined) return null;
  const { text, name, href } = place;
  return (
    <p class="source-link">
      Source{' '}
      {href === undefined ? (
        <span class="mono">{text}</span>
      ) : (
        <>
          <a class="mono" href={href} title={`Opens in ${editor.name}`}>
            {text}
          </a>{' '}
          <Choose
            label="Editor of source links"
            hidesLabel
            value={editor.id}
            choices={EDITORS.map(({ id, name }) => [id, name])}
            onChoose={(id) => id !== undefined && choose(id)}
          />
        </>
      )}
      {name !== undefined && <span class="muted mono"> {name}</span>}
    </p>
  );
}
