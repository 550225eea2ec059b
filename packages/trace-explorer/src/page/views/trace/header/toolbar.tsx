import type { RefObject } from 'preact';
import { useId } from 'preact/hooks';
import type { TraceModel } from '../../../../traces/model/trace-model.ts';
import type { TraceField } from '../../../../traces/read/field-values.ts';
import { getJson } from '../../../api.ts';
import { formatCount } from '../../../format.ts';
import { useLoad } from '../../../use-load.ts';
import type { TraceLogs } from '../logs/trace-logs.ts';
import type { TraceState } from '../trace-state.ts';

export interface ToolbarProps {
  readonly model: TraceModel;
  readonly state: TraceState;
  readonly searchBox: RefObject<HTMLInputElement | null>;
  /** Spans that match the search; undefined while there is none. */
  readonly matches: readonly number[] | undefined;
  /** Which of the matches is selected, from 1; 0 for none. */
  readonly match: number;
  readonly onChange: (changes: Partial<TraceState>) => void;
  readonly onMatch: (step: 1 | -1) => void;
  readonly onError: (step: 1 | -1) => void;
  readonly logs: TraceLogs;
  /** Whether there are equal neighbours, which can be one row. */
  readonly hasGroups: boolean;
}

/** Levels that can be chosen one by one; deeper ones are folded by hand. */
const MAX_LEVELS = 12;

/** Search, errors, folding, colours and columns. */
export function Toolbar(props: ToolbarProps) {
  const { model, state, matches, onChange } = props;
  const fields = useTraceFields(model.traceId);
  const deepest = Math.min(
    MAX_LEVELS,
    model.depth.reduce((most, depth) => Math.max(most, depth), 0),
  );
  return (
    <div class="trace-toolbar">
      <div class="tool-group">
        <input
          ref={props.searchBox}
          type="search"
          placeholder="Search names and values  /"
          aria-label="Search spans"
          value={state.search}
          onInput={(event) => onChange({ search: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            props.onMatch(event.shiftKey ? -1 : 1);
          }}
        />
        <span role="status" class="muted match-count">
          {matches !== undefined && matchText(matches.length, props.match)}
        </span>
        <button
          type="button"
          disabled={!matches?.length}
          onClick={() => props.onMatch(-1)}
          aria-label="Previous match"
        >
          ↑
        </button>
        <button
          type="button"
          disabled={!matches?.length}
          onClick={() => props.onMatch(1)}
          aria-label="Next match"
        >
          ↓
        </button>
        <button type="button" disabled={model.errors.length === 0} onClick={() => props.onError(1)}>
          Next error
        </button>
      </div>
      <div class="tool-group">
        <label>
          Levels{' '}
          <select
            value={state.depth === undefined ? '' : state.depth + 1}
            onChange={({ currentTarget: { value } }) =>
              onChange({ depth: value === '' ? undefined : Number(value) - 1, opened: [], folded: [] })
            }
          >
            <option value="">all</option>
            {Array.from({ length: deepest }, (_, level) => (
              <option key={level} value={level + 1}>
                {level + 1}
              </option>
            ))}
          </select>
        </label>
        <label>
          Colour{' '}
          <select
            value={state.color ?? ''}
            onChange={({ currentTarget: { value } }) => onChange({ color: value || undefined })}
          >
            <option value="">service</option>
            {[...new Set([...(state.color ? [state.color] : []), ...fields])].map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <ColumnChooser
          fields={fields}
          columns={state.columns}
          onChange={(columns) => onChange({ columns })}
        />
      </div>
      <div class="tool-group">
        {(props.logs.lines.length > 0 || state.logs) && (
          <Toggle
            label={`Log lines ${formatCount(props.logs.lines.length)}${props.logs.more ? '+' : ''}`}
            on={state.logs}
            onToggle={(logs) => onChange({ logs })}
          />
        )}
        {model.comparison === undefined && (
          <Toggle
            label="Critical path"
            on={state.criticalPath}
            onToggle={(criticalPath) => onChange({ criticalPath })}
          />
        )}
        {props.hasGroups && model.comparison === undefined && !state.criticalPath && (
          <Toggle
            label="Equal spans as one"
            on={!state.each}
            onToggle={(on) => onChange({ each: !on, apart: [] })}
          />
        )}
        {model.shifted && (
          <Toggle label="Clocks corrected" on={!state.asSent} onToggle={(on) => onChange({ asSent: !on })} />
        )}
        {state.root !== undefined && (
          <button type="button" onClick={() => onChange({ root: undefined })}>
            ✕ Subtree
          </button>
        )}
        {state.range !== undefined && (
          <button type="button" onClick={() => onChange({ range: undefined })}>
            ✕ Zoom
          </button>
        )}
      </div>
    </div>
  );
}

function ColumnChooser(props: {
  fields: readonly string[];
  columns: readonly string[];
  onChange: (columns: readonly string[]) => void;
}) {
  const { fields, columns, onChange } = props;
  const id = useId();
  return (
    <>
      <select
        aria-label="Add a column"
        id={id}
        value=""
        onChange={({ currentTarget }) => {
          onChange([...columns, currentTarget.value]);
          currentTarget.value = '';
        }}
      >
        <option value="">+ Column</option>
        {fields
          .filter((name) => !columns.includes(name))
          .map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
      </select>
      {columns.map((name) => (
        <button
          key={name}
          type="button"
          class="chip"
          aria-label={`Remove column ${name}`}
          onClick={() => onChange(columns.filter((column) => column !== name))}
        >
          {name} ✕
        </button>
      ))}
    </>
  );
}

function Toggle({ label, on, onToggle }: { label: string; on: boolean; onToggle: (on: boolean) => void }) {
  return (
    <button type="button" class="toggle" aria-pressed={on} onClick={() => onToggle(!on)}>
      {label}
    </button>
  );
}

function useTraceFields(traceId: string): readonly string[] {
  const { value } = useLoad(
    (signal) => getJson<{ fields: readonly TraceField[] }>(`/api/traces/${traceId}/fields`, signal),
    [traceId],
  );
  return value?.fields.map(({ name }) => name) ?? [];
}

function matchText(matches: number, match: number): string {
  if (matches === 0) return 'nothing found';
  return match === 0 ? `${formatCount(matches)} found` : `${formatCount(match)} of ${formatCount(matches)}`;
}
