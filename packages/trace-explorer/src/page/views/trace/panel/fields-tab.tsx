import { useState } from 'preact/hooks';
import { Busy } from '../../../components/busy.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { Menu } from '../../../components/menu.tsx';
import { formatDuration } from '../../../format.ts';
import { go } from '../../../shell/router.ts';
import type { TraceModel } from '../model/trace-model.ts';
import { placeAbout } from './narrow-place.ts';
import type { HoneycombForm } from './span-forms.ts';
import { useSpanForm } from './span-forms.ts';

export interface FieldsTabProps {
  readonly model: TraceModel;
  readonly place: number;
  readonly columns: readonly string[];
  readonly onColumns: (columns: readonly string[]) => void;
  readonly onColor: (field: string) => void;
}

type Value = string | number | boolean;

/** Every field of the span: to filter by, to query, or to show beside every span. */
export function FieldsTab({ model, place, columns, onColumns, onColor }: FieldsTabProps) {
  const { value, error, reload } = useSpanForm<HoneycombForm>(model, place, 'honeycomb');
  const [filter, setFilter] = useState('');
  if (error !== undefined) return <ErrorState error={error} onRetry={reload} />;
  if (value === undefined) return <Busy what="Reading the span" />;
  const wanted = filter.trim().toLowerCase();
  const all = Object.entries(value.event?.data ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const fields = all.filter(
    ([name, each]) => name.toLowerCase().includes(wanted) || String(each).toLowerCase().includes(wanted),
  );
  const actions = (name: string, each: Value) => {
    const shown = columns.includes(name);
    return [
      {
        key: 'where',
        label: `Where ${name} = ${short(each)}`,
        onSelect: () => go(placeAbout(model, [{ column: name, op: '=', value: each }])),
      },
      {
        key: 'not',
        label: `Where ${name} ≠ ${short(each)}`,
        onSelect: () => go(placeAbout(model, [{ column: name, op: '!=', value: each }])),
      },
      {
        key: 'exists',
        label: `Where ${name} exists`,
        onSelect: () => go(placeAbout(model, [{ column: name, op: 'exists' }])),
      },
      { key: 'group', label: `Group by ${name}`, onSelect: () => go(placeAbout(model, [], [name])) },
      {
        key: 'column',
        label: shown ? 'Hide the column' : 'Show as a column',
        onSelect: () => onColumns(shown ? columns.filter((column) => column !== name) : [...columns, name]),
      },
      { key: 'color', label: 'Colour spans by it', onSelect: () => onColor(name) },
    ];
  };
  return (
    <>
      <input
        type="search"
        class="field-filter"
        placeholder={`Filter ${all.length} fields`}
        aria-label="Filter fields"
        value={filter}
        onInput={(event) => setFilter(event.currentTarget.value)}
      />
      <dl class="field-list">
        {fields.map(([name, each]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <span class={String(each).includes('\n') ? 'field-value lines' : 'field-value'}>
                {written(name, each)}
              </span>
              <Menu label={<FieldMenuLabel name={name} />} items={actions(name, each)} />
            </dd>
          </div>
        ))}
      </dl>
      {fields.length === 0 && <p class="muted">No field has “{filter}” in its name or value.</p>}
    </>
  );
}

function FieldMenuLabel({ name }: { name: string }) {
  return (
    <>
      <span aria-hidden="true">⋯</span>
      <span class="visually-hidden">Actions for {name}</span>
    </>
  );
}

function written(name: string, value: Value): string {
  if (name === 'duration_ms' && typeof value === 'number') return `${value} (${formatDuration(value)})`;
  return value === '' ? '""' : String(value);
}

function short(value: Value): string {
  const text = String(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
