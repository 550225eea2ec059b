import { useId } from 'preact/hooks';
import { Icon } from '../../../../page/components/icon.tsx';
import { Choose } from '../../../../page/components/inputs/choose.tsx';
import { Segmented } from '../../../../page/components/inputs/segmented.tsx';
import { Switch } from '../../../../page/components/inputs/switch.tsx';
import { Toggle } from '../../../../page/components/inputs/toggle.tsx';
import { Popover } from '../../../../page/components/overlays/popover.tsx';
import { formatCount } from '../../../../page/values/format.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { useTraceFields } from '../state/use-trace-fields.ts';

/** Levels in the menu. A person folds deeper levels by hand. */
const MAX_LEVELS = 12;

/** The waterfall alone or with its log lines, the critical path, and how spans are drawn. */
export function TraceToolbar({ shown }: { shown: ShownTrace }) {
  const { model, state, change, logs } = shown;
  return (
    <div class="trace-toolbar line">
      {state.root !== undefined && (
        <Undo label="Subtree" onUndo={() => change({ root: undefined, range: undefined })} />
      )}
      {state.range !== undefined && <Undo label="Zoom" onUndo={() => change({ range: undefined })} />}
      <Segmented
        label="Beside the spans"
        value={state.logs ? 'logs' : 'waterfall'}
        choices={[
          ['waterfall', 'Waterfall', 'flow'],
          ['logs', `Logs ${formatCount(logs.lines.length)}${logs.more ? '+' : ''}`, 'log'],
        ]}
        onChoose={(chosen) => change({ logs: chosen === 'logs' })}
      />
      {model.own === undefined && (
        <Toggle
          label={
            <>
              <Icon name="git" /> <span>Critical path</span> <kbd>c</kbd>
            </>
          }
          on={state.criticalPath}
          onToggle={(criticalPath) => change({ criticalPath })}
        />
      )}
      <Popover
        label={
          <>
            <Icon name="more" />
            <span class="visually-hidden">Colours, columns, clocks</span>
          </>
        }
        title="How the spans are drawn"
      >
        {() => <Drawn shown={shown} />}
      </Popover>
    </div>
  );
}

function Undo({ label, onUndo }: { label: string; onUndo: () => void }) {
  return (
    <button type="button" class="chip" onClick={onUndo}>
      {label} <Icon name="x" />
    </button>
  );
}

/** Levels, colours and columns; linked spans and clocks where the trace has them. */
function Drawn({ shown: { model, state, change } }: { shown: ShownTrace }) {
  const fields = useTraceFields(model.traceId).value?.map(({ name }) => name) ?? [];
  const deepest = Math.min(
    MAX_LEVELS,
    model.depth.reduce((most, depth) => Math.max(most, depth), 0),
  );
  return (
    <>
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
          class="chip"
          aria-label={`Remove column ${name}`}
          onClick={() => change({ columns: state.columns.filter((column) => column !== name) })}
        >
          <span class="ellipsis">{name}</span> <Icon name="x" />
        </button>
      ))}
      {model.linked.length > 0 && (
        <Switch
          label={`Linked spans ${formatCount(model.linked.length)}${model.hasMoreLinks ? '+' : ''}`}
          on={state.linked}
          onToggle={(linked) => change({ linked })}
        />
      )}
      {model.shifted && (
        <Switch label="Clocks corrected" on={!state.asSent} onToggle={(on) => change({ asSent: !on })} />
      )}
    </>
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
        placeholder="Add a column"
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
