import { useState } from 'preact/hooks';
import { readyMadeQueries } from '../../../query/ask/ready-made.ts';
import type { Load } from '../../ask/use-load.ts';
import { CopyButton } from '../../components/inputs/copy-button.tsx';
import { Menu } from '../../components/overlays/menu.tsx';
import { Busy } from '../../components/states/busy.tsx';
import { lazy } from '../../components/states/lazy.tsx';
import { useHoneycombPlaces } from '../../honeycomb/honeycomb-place.ts';
import { formatAgo } from '../../values/format.ts';
import { describeQuery } from './describe.ts';
import { readHistory } from './history.ts';
import { HoneycombDialog } from './honeycomb/honeycomb-dialog.tsx';
import { relationalParts } from './honeycomb/relational.ts';
import { withSavedFields } from './saved/saved-fields.ts';
import type { QueryDraft } from './shown-query.ts';

const SavedDialog = lazy(async () => ({ default: (await import('./dialogs.ts')).SavedDialog }));
const PasteDialog = lazy(async () => ({ default: (await import('./dialogs.ts')).PasteDialog }));

export interface ToolbarProps {
  readonly draft: QueryDraft;
  readonly run: Pick<Load<unknown>, 'busy' | 'cancel'>;
}

/** Actions on the whole query. */
export function Toolbar({ draft, run }: ToolbarProps) {
  const { dataset, query, fields, ask } = draft;
  const [dialog, setDialog] = useState<'paste' | 'honeycomb' | 'saved'>();
  // Read before the dialog opens: a form must not change while a person types in it.
  const places = useHoneycombPlaces();
  const history = readHistory();
  // Honeycomb may lack the calculated fields that are saved here.
  const whole = withSavedFields(query, fields);
  const relational = relationalParts(whole, fields);
  return (
    <div class="toolbar line">
      <button type="button" class="primary" title="Shift+Enter" onClick={() => ask()}>
        Run query
      </button>
      <Menu
        label="Ready-made ▾"
        items={readyMadeQueries.map((each) => ({
          key: each.key,
          label: (
            <>
              {each.title}
              <small class="muted ellipsis">{each.about}</small>
            </>
          ),
          onSelect: () => ask(each.query, '__all__'),
        }))}
      />
      <Menu
        label="History ▾"
        items={
          history.length === 0
            ? [{ key: 'none', label: 'Queries that you run are kept here', onSelect: () => {} }]
            : history.map((past) => ({
                key: `${past.at}`,
                label: (
                  <>
                    {describeQuery(past.query)}
                    <small class="muted ellipsis">
                      {formatAgo(past.at)}
                      {past.dataset === '__all__' ? '' : ` · ${past.dataset}`}
                    </small>
                  </>
                ),
                onSelect: () => ask(past.query, past.dataset),
              }))
        }
      />
      <button type="button" onClick={() => setDialog('saved')}>
        Saved …
      </button>
      {/* After the buttons: a menu must not move away from the pointer when a run ends. */}
      {run.busy && <Busy what="Running" onCancel={run.cancel} />}
      <span class="toolbar-gap" />
      <CopyButton
        label="Copy JSON"
        text={() => JSON.stringify(whole, null, 2)}
        doneText={relational && RELATIONAL_COPIED}
      />
      <button type="button" onClick={() => setDialog('paste')}>
        Paste JSON
      </button>
      <button type="button" onClick={() => setDialog('honeycomb')}>
        Open in Honeycomb …
      </button>
      {dialog === 'paste' && <PasteDialog onQuery={ask} onClose={() => setDialog(undefined)} />}
      {dialog === 'saved' && <SavedDialog draft={draft} onClose={() => setDialog(undefined)} />}
      {dialog === 'honeycomb' && (
        <HoneycombDialog
          places={places}
          dataset={dataset}
          query={whole}
          relational={relational}
          onClose={() => setDialog(undefined)}
        />
      )}
    </div>
  );
}

const RELATIONAL_COPIED =
  'Copied. Its relational fields work here; Honeycomb has them in its own query builder only, and its API refuses them.';
