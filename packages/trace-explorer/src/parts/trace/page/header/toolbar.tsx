import type { RefObject } from 'preact';
import { useId } from 'preact/hooks';
import { Choose } from '../../../../page/components/inputs/choose.tsx';
import { Toggle } from '../../../../page/components/inputs/toggle.tsx';
import { formatCount } from '../../../../page/values/format.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { useTraceFields } from '../state/use-trace-fields.ts';

/** Levels in the menu. A person folds deeper levels by hand. */
const MAX_LEVELS = 12;

/** Search, errors, folding, colours and columns. */
export function TraceToolbar({
  shown,
  searchBox,
}: {
  shown: ShownTrace;
  searchBox: RefObject<HTMLInputElement | null>;
}) {
  const { model, state, found, change, logs } = shown;
  const fields = useTraceFields(model.traceId).value?.map(({ name }) => name) ?? [];
  const deepest = Math.min(
    MAX_LEVELS,
    model.depth.reduce((most, depth) => Math.max(most, depth), 0),
  );
  const match = (by: 1 | -1) => shown.step(found ?? [], by);
  return (
    <div class="trace-toolbar line">
      <div class="tool-group line">
        <input
          ref={searchBox}
          type="search"
          placeholder="Search names and values  /"
          aria-label="Search spans"
          value={state.search}
          onInput={(event) => change({ search: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            match(event.shiftKey ? -1 : 1);
          }}
        />
        <span role="status" class="muted match-count">
          {found !== undefined && matchText(found.length, found.indexOf(shown.selected) + 1)}
        </span>
        <button type="button" disabled={!found?.length} onClick={() => match(-1)} aria-label="Previous match">
          ↑
        </button>
        <button type="button" disabled={!found?.length} onClick={() => match(1)} aria-label="Next match">
          ↓
        </button>
        {(found !== undefined || state.onlyMatches) && (
          <Toggle
            label="Only matches"
            on={state.onlyMatches}
            onToggle={(on) => change({ onlyMatches: on })}
          />
        )}
        <button type="button" disabled={model.errors.length === 0} onClick={() => shown.stepErrors(1)}>
          Next error
        </button>
      </div>
      <div class="tool-group line">
        <Choose
          label="Levels"
          none="all"
          value={state.depth === undefined ? undefined : String(state.depth + 1)}
          choices={Array.from({ length: deepest }, (_, level) => String(level + 1))}
          onChoose={(level) =>
            change({ depth: level === undefined ? undefined : Number(level) - 1, folded: [] })
          }
        />
        <Choose
          label="Colour"
          none="service"
          value={state.color}
          choices={fields}
          onChoose={(color) => change({ color })}
        />
        <AddColumn
          fields={fields.filter((name) => !state.columns.includes(name))}
          onAdd={(name) => change({ columns: [...state.columns, name] })}
        />
        {state.columns.map((name) => (
          <button
            key={name}
            type="button"
            class="chip ellipsis"
            aria-label={`Remove column ${name}`}
            onClick={() => change({ columns: state.columns.filter((column) => column !== name) })}
          >
            {name} ✕
          </button>
        ))}
      </div>
      <div class="tool-group line">
        {(logs.lines.length > 0 || state.logs) && (
          <Toggle
            label={`Log lines ${formatCount(logs.lines.length)}${logs.more ? '+' : ''}`}
            on={state.logs}
            onToggle={(on) => change({ logs: on })}
          />
        )}
        {model.linked.length > 0 && (
          <Toggle
            label={`Linked spans ${formatCount(model.linked.length)}${model.hasMoreLinks ? '+' : ''}`}
            on={state.linked}
            onToggle={(linked) => change({ linked })}
          />
        )}
        {model.own === undefined && (
          <Toggle
            label="Critical path"
            on={state.criticalPath}
            onToggle={(criticalPath) => change({ criticalPath })}
          />
        )}
        {model.shifted && (
          <Toggle label="Clocks corrected" on={!state.asSent} onToggle={(on) => change({ asSent: !on })} />
        )}
        {state.root !== undefined && (
          <button type="button" onClick={() => change({ root: undefined })}>
            ✕ Subtree
          </button>
        )}
        {state.range !== undefined && (
          <button type="button" onClick={() => change({ range: undefined })}>
            ✕ Zoom
          </button>
        )}
      </div>
    </div>
  );
}

/** A field to write the name of a column into, with the names of all fields below it. */
function AddColumn({ fields, onAdd }: { fields: readonly string[]; onAdd: (name: string) => void }) {
  const id = useId();
  const take = (input: HTMLInputElement) => {
    const name = input.value.trim();
    if (!fields.includes(name)) return;
    input.value = '';
    onAdd(name);
  };
  return (
    <>
      <input
        class="add-column"
        list={id}
        aria-label="Add a column"
        placeholder="+ Column"
        // A choice from the list comes without a key.
        onInput={(event) => {
          const kind = event instanceof InputEvent ? event.inputType : '';
          if (kind === '' || kind === 'insertReplacementText') take(event.currentTarget);
        }}
        onChange={({ currentTarget }) => take(currentTarget)}
      />
      <datalist id={id}>
        {fields.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

function matchText(matches: number, match: number): string {
  if (matches === 0) return 'nothing found';
  return match === 0 ? `${formatCount(matches)} found` : `${formatCount(match)} of ${formatCount(matches)}`;
}
