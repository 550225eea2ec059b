import type { Filter } from '../../../../core/query/parse/query-spec.ts';
import { searchOf } from '../../../../core/shared/search-of.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { getJson } from '../../../../page/api/api.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import { pageSettings } from '../../../../page/browser/settings.ts';
import { Choose } from '../../../../page/components/inputs/choose.tsx';
import { Link } from '../../../../page/components/link.tsx';
import { useStoredText } from '../layout/use-stored.ts';
import { placeAbout } from './narrow-place.ts';
import { EDITORS, sourceOf } from './source-of.ts';
import type { HoneycombForm } from './span-forms.ts';

type Fields = NonNullable<HoneycombForm['event']>['data'];

/** The fields that name a line. */
const LINE = ['code.file.path', 'code.line.number', 'code.column.number'] as const;

function filterOf(column: string, value: Fields[string] | undefined): Filter[] {
  return value === undefined ? [] : [{ column, op: '=', value }];
}

/**
 * The line of code of a span. A link opens the line in the chosen editor, where the whole path is known: from the span, or
 * from the folder of its run. Another leads to the calls from this line.
 */
export function SourceLink({ fields, model }: { fields: Fields; model: TraceModel }) {
  const run = fields['tandem.run.id'];
  const query = run === undefined ? '' : `?${searchOf({ run: String(run) })}`;
  const hasLine = fields['code.file.path'] !== undefined && pageSettings.saved === undefined;
  const { value } = useLoad<{ folder?: string }>(
    async (signal) => (hasLine ? getJson(`/api/code-folder${query}`, signal) : {}),
    [hasLine, query],
  );
  const [chosen = '', choose] = useStoredText('editor');
  const editor = EDITORS.find(({ id }) => id === chosen) ?? EDITORS[0];
  const place = sourceOf(fields, editor, value?.folder);
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
      {hasLine && (
        <Link
          isAction
          to={placeAbout(
            model,
            LINE.flatMap((column) => filterOf(column, fields[column])),
          )}
        >
          Calls from this line
        </Link>
      )}
    </p>
  );
}
