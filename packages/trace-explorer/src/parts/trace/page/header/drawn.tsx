import type { TraceField } from '../../../../core/traces/tree/field-values.ts';
import { useJson } from '../../../../page/api/use-load.ts';
import { Icon } from '../../../../page/components/icon.tsx';
import { Checkbox } from '../../../../page/components/inputs/checkbox.tsx';
import { Choose } from '../../../../page/components/inputs/choose.tsx';
import { formatCount } from '../../../../page/values/format.ts';
import type { ShownTrace } from '../state/use-actions.ts';

/** Levels in the menu. A person folds deeper levels by hand. */
const MAX_LEVELS = 12;

/** Levels, colours and columns; linked spans and clocks where the trace has them. */
export function Drawn({ shown: { model, state, change, toggleColumn } }: { shown: ShownTrace }) {
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
