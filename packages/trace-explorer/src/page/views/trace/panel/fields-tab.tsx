import { useState } from 'preact/hooks';
import type { TraceModel } from '../../../../traces/model/trace-model.ts';
import { Busy } from '../../../components/busy.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import type { MenuItem } from '../../../components/menu.tsx';
import { Menu } from '../../../components/menu.tsx';
import { formatDuration } from '../../../format.ts';
import { go } from '../../../shell/router.ts';
import type { SpanField } from './field-groups.ts';
import { GROUPS, groupFields } from './field-groups.ts';
import { placeAbout } from './narrow-place.ts';
import { prettyValue } from './pretty-value.ts';
import { SourceLink } from './source-link.tsx';
import type { HoneycombForm, OtlpForm } from './span-forms.ts';
import { useSpanForm } from './span-forms.ts';
import { useUnusual } from './use-unusual.ts';

export interface FieldsTabProps {
  readonly model: TraceModel;
  readonly place: number;
  readonly columns: readonly string[];
  readonly onColumns: (columns: readonly string[]) => void;
  readonly onColor: (field: string) => void;
}

/** Every field of the span: to filter by, to query, or to show beside every span. */
export function FieldsTab(props: FieldsTabProps) {
  const { model, place } = props;
  const { value, error, reload } = useSpanForm<HoneycombForm>(model, place, 'honeycomb');
  const otlp = useSpanForm<OtlpForm>(model, place, 'otlp');
  const unusual = useUnusual(model, place);
  const [filter, setFilter] = useState('');
  const failure = error ?? otlp.error;
  if (failure !== undefined) return <ErrorState error={failure} onRetry={reload} />;
  if (value === undefined || otlp.value === undefined) return <Busy what="Reading the span" />;
  const groups = groupFields(value.event, otlp.value);
  const wanted = filter.trim().toLowerCase();
  const fits = ({ name, value: each }: SpanField) =>
    name.toLowerCase().includes(wanted) || String(each).toLowerCase().includes(wanted);
  const all = [...groups.values()].flat();
  const own = new Set(all.map(({ name }) => name));
  const absent = [...unusual].filter(([name]) => !own.has(name) && name.toLowerCase().includes(wanted));
  const shown = [
    { title: unusualTitle(model), fields: all.filter(({ name }) => unusual.has(name)) },
    ...GROUPS.map((title) => ({
      title,
      fields: (groups.get(title) ?? []).filter(({ name }) => !unusual.has(name)),
    })),
  ].map(({ title, fields }) => ({ title, fields: fields.filter(fits) }));
  const none = shown.every(({ fields }) => fields.length === 0) && absent.length === 0;
  return (
    <>
      <SourceLink fields={value.event?.data ?? {}} />
      <input
        type="search"
        class="field-filter"
        placeholder={`Filter ${all.length} fields`}
        aria-label="Filter fields"
        value={filter}
        onInput={(event) => setFilter(event.currentTarget.value)}
      />
      {shown.map(({ title, fields }, index) => {
        const missing = index === 0 ? absent : [];
        if (fields.length === 0 && missing.length === 0) return null;
        return (
          <section key={title} class={index === 0 ? 'field-group unusual' : 'field-group'}>
            <h3>{title}</h3>
            <dl class="field-list">
              {fields.map((field) => (
                <FieldLine key={field.name} field={field} elsewhere={unusual.get(field.name)} {...props} />
              ))}
              {missing.map(([name, elsewhere]) => (
                <div key={name} class="field-line">
                  <dt title={name}>{name}</dt>
                  <dd>
                    <span class="field-value muted">not set</span>
                    <span class="field-elsewhere">{elsewhere}</span>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        );
      })}
      {none && <p class="muted">No field has “{filter}” in its name or value.</p>}
    </>
  );
}

function unusualTitle(model: TraceModel): string {
  return model.comparison === undefined ? 'Unusual among its like' : 'Different in the other trace';
}

function FieldLine({
  field,
  elsewhere,
  ...props
}: FieldsTabProps & { field: SpanField; elsewhere: string | undefined }) {
  const { name, value, type } = field;
  const [open, setOpen] = useState(false);
  const text = String(value);
  const pretty = prettyValue(name, text);
  return (
    <div class={open ? 'field-line open' : 'field-line'}>
      <dt title={`${name} (${type})`}>{name}</dt>
      <dd>
        <button
          type="button"
          class="field-value"
          aria-expanded={open}
          aria-label={`${name}: ${written(field)}`}
          title={text.slice(0, 2000)}
          onClick={() => {
            // A person who selects a part of the value wants to copy that, not to fold it.
            if (getSelection()?.isCollapsed ?? true) setOpen(!open);
          }}
        >
          {open ? pretty : written(field)}
        </button>
        <span class="field-type">{type}</span>
        <Menu label={<FieldMenuLabel name={name} />} items={actionsOf(field, props)} />
        {elsewhere !== undefined && <span class="field-elsewhere">{elsewhere}</span>}
      </dd>
    </div>
  );
}

/** What can be done with a field. The menu's button names it; entries differ in their first words. */
function actionsOf({ name, value }: SpanField, props: FieldsTabProps): MenuItem[] {
  const { model, columns, onColumns, onColor } = props;
  const shown = columns.includes(name);
  const where = (op: '=' | '!=') => () => go(placeAbout(model, [{ column: name, op, value }]));
  return [
    { key: 'copy', label: 'Copy value', onSelect: () => copy(String(value)) },
    { key: 'copy name', label: 'Copy name', onSelect: () => copy(name) },
    { key: 'where', label: 'Where = this value', onSelect: where('=') },
    { key: 'not', label: 'Where ≠ this value', onSelect: where('!=') },
    {
      key: 'exists',
      label: 'Where it is set',
      onSelect: () => go(placeAbout(model, [{ column: name, op: 'exists' }])),
    },
    { key: 'group', label: 'Group by it', onSelect: () => go(placeAbout(model, [], [name])) },
    {
      key: 'column',
      label: shown ? 'Hide the column' : 'Show as a column',
      onSelect: () => onColumns(shown ? columns.filter((column) => column !== name) : [...columns, name]),
    },
    { key: 'color', label: 'Colour spans by it', onSelect: () => onColor(name) },
  ];
}

/** Where the browser does not allow it, the value can still be selected. */
function copy(text: string): void {
  navigator.clipboard?.writeText(text).catch(() => {});
}

function FieldMenuLabel({ name }: { name: string }) {
  return (
    <>
      <span aria-hidden="true">⋯</span>
      <span class="visually-hidden">Actions for {name}</span>
    </>
  );
}

/** The value on one line. */
function written({ name, value }: SpanField): string {
  if (name === 'duration_ms' && typeof value === 'number') return `${value} (${formatDuration(value)})`;
  return value === '' ? '""' : String(value).replaceAll(/\s+/g, ' ');
}
