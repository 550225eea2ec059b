import type { Filter } from '../../../../core/query/parse/query-spec.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { useJson } from '../../../../page/api/use-load.ts';
import { pageSettings } from '../../../../page/browser/settings.ts';
import { Choose } from '../../../../page/components/inputs/choose.tsx';
import { Link } from '../../../../page/components/link.tsx';
import { useStored } from '../layout/use-stored.ts';
import { placeAbout } from './narrow-place.ts';
import { EDITORS, sourceOf } from './source-of.ts';
import type { HoneycombForm } from './span-forms.ts';

type Fields = NonNullable<HoneycombForm['event']>['data'];

/**
 * The line of code of a span. A link opens the line in the chosen editor, where the whole path is known: from the span, or
 * from the folder of its run. Another leads to the calls from this line.
 */
export function SourceLink({ fields, model }: { fields: Fields; model: TraceModel }) {
  const run = fields['tandem.run.id'];
  const folder = useJson<{ folder?: string }>(`/api/code-folder${run === undefined ? '' : `?run=${run}`}`);
  const [chosen = '', choose] = useStored('editor');
  const editor = EDITORS.find(({ id }) => id === chosen) ?? EDITORS[0];
  const place = sourceOf(fields, editor, folder.value?.folder);
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
      {name !== undefined && <span class="muted mono"> {name}</span>}{' '}
      {pageSettings.saved === undefined && (
        <Link isAction to={placeAbout(model, filtersOfLine(fields))}>
          Calls from this line
        </Link>
      )}
    </p>
  );
}

function filtersOfLine(fields: Fields): Filter[] {
  return Object.entries(fields).flatMap(([column, value]) =>
    /^code\.(?:file|line|column)/.test(column) ? { column, op: '=', value } : [],
  );
}
