import { useState } from 'preact/hooks';
import { errorMessage, send } from '../../../../page/api/api.ts';
import { useJson } from '../../../../page/api/use-load.ts';
import { Dialog } from '../../../../page/components/overlays/dialog.tsx';
import { formTexts } from '../../../../page/components/overlays/form-dialog.tsx';
import { MoreMenu } from '../../../../page/components/overlays/menu.tsx';
import { Loaded } from '../../../../page/components/states/loaded.tsx';
import type { SavedList } from '../../server/saved-queries/routes.ts';
import { queryInWords } from '../describe.ts';
import type { QueryDraft } from '../shown-query.ts';
import { withoutSavedFields } from './saved-fields.ts';
import { useSave } from './use-save.ts';

/** Deletes queries, saves and deletes calculated fields, in the explorer's folder. The menu opens queries. Deleting asks first. */
export default function SavedDialog({ draft, onClose }: { draft: QueryDraft; onClose: () => void }) {
  const load = useJson<SavedList>('/api/saved');
  return (
    <Dialog title="Saved queries and calculated fields" onClose={onClose}>
      <Loaded load={load} what="Reading">
        {(saved) => {
          const { calculated_fields: fields } = saved;
          const { calculated_fields: unsaved = [] } = withoutSavedFields(draft.query, fields);
          return (
            <>
              <p class="muted">
                Files in <span class="mono">{saved.folder}</span>
              </p>
              {saved.problems.map(({ file, detail }) => (
                <p key={file} class="error-text">
                  {file}: {detail}
                </p>
              ))}
              <h3>Queries</h3>
              {saved.queries.length === 0 && <p class="muted">None yet.</p>}
              <ul class="column">
                {saved.queries.map((each) => (
                  <li key={each.slug} class="line">
                    <span class="grow anywhere">
                      {each.name}
                      <span class="meta block">{each.description || queryInWords(each.query)}</span>
                    </span>
                    <Delete
                      what={`queries/${each.slug}.json`}
                      path={`/api/saved/queries/${each.slug}`}
                      onDone={load.reload}
                    />
                  </li>
                ))}
              </ul>
              <h3>Calculated fields</h3>
              <p class="muted">
                {fields.length + unsaved.length === 0
                  ? 'None yet: write one in CALCULATE, then save it here.'
                  : 'Every query can name them, like any other field.'}
              </p>
              <ul class="column">
                {fields.map(({ alias, expression, description }) => (
                  <li key={alias} class="line">
                    <span class="grow anywhere">
                      <span class="mono">{`${alias} = ${expression}`}</span>
                      <span class="meta block">{description}</span>
                    </span>
                    <Delete
                      what={`${alias} of calculated-fields.json`}
                      path={`/api/saved/calculated-fields/${encodeURIComponent(alias)}`}
                      onDone={load.reload}
                    />
                  </li>
                ))}
                {unsaved.map(({ name, expression }) => (
                  <li key={`unsaved ${name}`}>
                    <SaveField name={name} expression={expression} onDone={load.reload} />
                  </li>
                ))}
              </ul>
            </>
          );
        }}
      </Loaded>
    </Dialog>
  );
}

function SaveField({ name, expression, onDone }: { name: string; expression: string; onDone: () => void }) {
  const [said, save] = useSave(onDone);
  return (
    <form
      class="line"
      onSubmit={(event) => {
        const path = `/api/saved/calculated-fields/${encodeURIComponent(name)}`;
        void save(path, name, { expression, ...formTexts(event) });
      }}
    >
      <span class="grow anywhere">
        <span class="mono">{`${name} = ${expression}`}</span>
        <span class="meta block">of this query, not saved</span>
      </span>
      <input
        name="description"
        aria-label={`Description of ${name}`}
        placeholder="description"
        maxLength={1023}
      />
      <button type="submit" aria-label={`Save ${name}`}>
        Save
      </button>
      <span role="status">{said}</span>
    </form>
  );
}

function Delete({ what, path, onDone }: { what: string; path: string; onDone: () => void }) {
  const [failed, setFailed] = useState('');
  const ask = () => {
    if (!confirm(`Delete ${what} for good?`)) return;
    send('DELETE', path).then(onDone, (error) => setFailed(errorMessage(error)));
  };
  return (
    <>
      <MoreMenu about={`Actions for ${what}`} items={[{ key: 'delete', label: 'Delete …', onSelect: ask }]} />
      {failed !== '' && (
        <span class="error-text" role="alert">
          {failed}
        </span>
      )}
    </>
  );
}
