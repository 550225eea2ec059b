import { useEffect, useState } from 'preact/hooks';
import type { Load } from '../../../page/api/use-load.ts';
import { useJson } from '../../../page/api/use-load.ts';
import { Icon } from '../../../page/components/icon.tsx';
import { copied } from '../../../page/components/inputs/copy-button.tsx';
import { Menu } from '../../../page/components/overlays/menu.tsx';
import { Popover } from '../../../page/components/overlays/popover.tsx';
import { Busy } from '../../../page/components/states/busy.tsx';
import { lazy } from '../../../page/components/states/lazy.tsx';
import { useHoneycombPlaces } from '../../../page/honeycomb/honeycomb-place.ts';
import type { SavedList } from '../server/saved-queries/routes.ts';
import { HoneycombDialog } from './honeycomb/honeycomb-dialog.tsx';
import { relationalParts } from './honeycomb/relational.ts';
import { withSavedFields } from './saving/saved-fields.ts';
import type { QueryDraft } from './shown-query.ts';

const SavedMenu = lazy(() => import('./saving/saved-menu.tsx'));
const SavedDialog = lazy(() => import('./saving/saved-dialog.tsx'));
const PasteDialog = lazy(() => import('./paste-dialog.tsx'));

/** Actions on the whole query. */
export function QueryToolbar({ draft, run }: { draft: QueryDraft; run: Load<unknown> }) {
  const { dataset, query, fields, ask } = draft;
  const [dialog, setDialog] = useState<'paste' | 'honeycomb' | 'saved'>();
  // Loaded ahead of its use, so that the focus has somewhere to go when it opens.
  useEffect(() => void SavedMenu.load().catch(() => {}), []);
  // Read before the dialog opens: a form must not change while a person types in it.
  const places = useHoneycombPlaces();
  const saved = useJson<SavedList>('/api/saved');
  const closeSaved = () => {
    setDialog(undefined);
    saved.reload();
  };
  // Honeycomb may lack the explorer's saved fields.
  const whole = withSavedFields(query, fields);
  const relational = relationalParts(whole, fields);
  const [said, setSaid] = useState('');
  const copy = async () =>
    setSaid(await copied(() => JSON.stringify(whole, null, 2), relational && RELATIONAL_COPIED));
  return (
    <div class="toolbar line tight at-end">
      {/* Over what is below: a menu must not move away from the pointer when a run begins or ends. */}
      {run.busy && (
        <div class="below-bar placed over">
          <Busy what="Running" onCancel={run.cancel} />
        </div>
      )}
      <span role="status" class="meta">
        {said}
      </span>
      <Popover label="Saved" hasMark button="ghost" title="Saved queries" class="menu-list">
        {(close) => (
          <SavedMenu draft={draft} saved={saved} close={close} onManage={() => setDialog('saved')} />
        )}
      </Popover>
      <Menu
        label="Honeycomb"
        hasMark
        button="ghost"
        items={[
          { key: 'open', label: 'Open in Honeycomb …', onSelect: () => setDialog('honeycomb') },
          { key: 'copy', label: 'Copy JSON', onSelect: () => void copy() },
          { key: 'paste', label: 'Paste JSON …', onSelect: () => setDialog('paste') },
        ]}
      />
      <button type="button" class="primary" title="Shift+Enter" onClick={() => ask()}>
        <Icon name="play" /> Run<span class="visually-hidden"> query</span>
      </button>
      {dialog === 'paste' && <PasteDialog ask={ask} onClose={() => setDialog(undefined)} />}
      {dialog === 'saved' && <SavedDialog draft={draft} onClose={closeSaved} />}
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
