import type { TraceField } from '../../../../core/traces/tree/field-values.ts';
import { useJson } from '../../../../page/api/use-load.ts';
import { Icon } from '../../../../page/components/icon.tsx';
import { Checkbox } from '../../../../page/components/inputs/checkbox.tsx';
import { Choose } from '../../../../page/components/inputs/choose.tsx';
import { Segmented } from '../../../../page/components/inputs/segmented.tsx';
import { Toggle } from '../../../../page/components/inputs/toggle.tsx';
import { Popover } from '../../../../page/components/overlays/popover.tsx';
import { formatCount } from '../../../../page/values/format.ts';
import type { ShownTrace } from '../state/use-actions.ts';

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
          [
            'waterfall',
            <>
              <Icon name="flow" />
              <span class="icon-word">Waterfall</span>
            </>,
          ],
          [
            'logs',
            <>
              <Icon name="lines" />
              <span class="icon-word">Logs</span> {formatCount(logs.lines.length)}
              {logs.more && '+'}
            </>,
          ],
        ]}
        onChoose={(chosen) => change({ logs: chosen === 'logs' })}
      />
      {model.own === undefined && (
        <Toggle
          label={
            <>
              <Icon name="branch" /> <span class="icon-word">Critical path</span>{' '}
              <kbd class="wide-only">c</kbd>
            </>
          }
          on={state.criticalPath}
          onToggle={(criticalPath) => change({ criticalPath })}
        />
      )}
      <Popover icon="more" label="Colours, columns, clocks" button="icon" title="How the spans are drawn">
        {() => <Drawn shown={shown} />}
      </Popover>
    </div>
  );
}

function Undo({ label, onUndo }: { label: string; onUndo: () => void }) {
  return (
    <button type="button" class="chip" aria-label={`Undo ${label}`} onClick={onUndo}>
      {label} <Icon name="x" />
    </button>
  );
}

/** Levels, colours and columns; linked spans and clocks where the trace has them. */
function Drawn({ shown: { model, state, change, toggleColumn } }: { shown: ShownTrace }) {
  const { value } = useJson<{ fields: readonly TraceField[] }>(`/api/traces/${model.traceId}/fields`);
  const fields = value?.fields.map(({ name }) => name) ?? [];
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
      <Choose
        label="Add a column"
        none="none"
        value={undefined}
        choices={fields.filter((name) => !state.columns.includes(name))}
        onChoose={(name) => name !== undefined && toggleColumn(name)}
      />
      {state.columns.map((name) => (
        <button
          key={name}
          type="button"
          class="chip"
          aria-label={`Remove column ${name}`}
          onClick={() => toggleColumn(name)}
        >
          <span class="ellipsis">{name}</span> <Icon name="x" />
        </button>
      ))}
      {model.linked.length > 0 && (
        <Checkbox
          isSwitch
          label={`Linked spans ${formatCount(model.linked.length)}${model.hasMoreLinks ? '+' : ''}`}
          checked={state.linked}
          onChange={(linked) => change({ linked })}
        />
      )}
      {model.shifted && (
        <Checkbox
          isSwitch
          label="Clocks corrected"
          checked={!state.asSent}
          onChange={(corrected) => change({ asSent: !corrected })}
        />
      )}
    </>
  );
}
