import { useState } from 'preact/hooks';
import { useJson } from '../../../../page/api/use-load.ts';
import { go } from '../../../../page/browser/router.ts';
import { pageSettings } from '../../../../page/browser/settings.ts';
import { Disclosure } from '../../../../page/components/disclosure.tsx';
import { FieldList } from '../../../../page/components/field-list.tsx';
import { SearchField } from '../../../../page/components/inputs/search-field.tsx';
import type { MenuItem } from '../../../../page/components/overlays/menu.tsx';
import { MoreMenu } from '../../../../page/components/overlays/menu.tsx';
import { Busy } from '../../../../page/components/states/busy.tsx';
import { ErrorState } from '../../../../page/components/states/error-state.tsx';
import { formatDuration } from '../../../../page/values/format.ts';
import type { OtlpForm } from '../../../../page/values/otlp-form.ts';
import { prettyValue } from '../../../../page/values/pretty-value.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { Beside } from './beside.tsx';
import type { SpanField } from './field-groups.ts';
import { groupFields, REPEATED, SOURCE_GROUPS } from './field-groups.ts';
import { placeAbout } from './narrow-place.ts';
import { SourceLink } from './source-link.tsx';
import { sourceOf } from './source-of.ts';
import type { HoneycombForm } from './span-forms.ts';
import { spanPath } from './span-forms.ts';
import { useDifferences } from './use-differences.ts';

/** Fields that are shown whole: they name the fault. */
const MESSAGES: ReadonlySet<string> = new Set(['exception.message', 'status_message', 'error']);

const NOTHING: ReadonlyMap<string, string> = new Map();

/** Every field of the span, with actions: filter, query, or show the field beside every span. */
export function FieldsTab({ shown }: { shown: ShownTrace }) {
  const { model, selected: index } = shown;
  const { value, error, reload } = useJson<{ otlp: OtlpForm; honeycomb: HoneycombForm }>(
    spanPath(model, index, 'both'),
  );
  const event = value?.honeycomb.event;
  const found = useDifferences(model, index, event);
  const different = found.value ?? NOTHING;
  const [filter, setFilter] = useState('');
  if (error !== undefined) return <ErrorState error={error} onRetry={reload} />;
  if (value === undefined) return <Busy what="Reading the span" />;
  if (model.comparison !== undefined && found.busy)
    return <Busy what="Comparing with the other trace" onCancel={found.cancel} />;
  const all = groupFields(event, value.otlp);
  const part = filter.trim().toLowerCase();
  const fits = ({ name, value: each }: SpanField) =>
    name.toLowerCase().includes(part) || String(each).toLowerCase().includes(part);
  const own = new Set(all.map(({ name }) => name));
  const absent = [...different].filter(([name]) => !own.has(name) && name.toLowerCase().includes(part));
  const parts = [
    { title: 'Different in the other trace', fields: all.filter(({ name }) => different.has(name)) },
    ...SOURCE_GROUPS.map((title) => ({
      title,
      fields: all.filter(({ name, group }) => group === title && !different.has(name)),
    })),
  ].map(({ title, fields }) => ({ title, fields: fields.filter(fits) }));
  const none = parts.every(({ fields }) => fields.length === 0) && absent.length === 0;
  return (
    <>
      {sourceOf(event?.data ?? {}) && <SourceLink fields={event?.data ?? {}} model={model} />}
      {found.error !== undefined && <ErrorState error={found.error} onRetry={found.reload} />}
      {pageSettings.saved === undefined && <Beside shown={shown} />}
      <div class="column">
        <SearchField
          label="Filter fields"
          placeholder={`Filter ${all.length} fields`}
          value={filter}
          onValue={setFilter}
        />
      </div>
      {parts.map(({ title, fields }, part) => {
        const missing = part === 0 ? absent : [];
        if (fields.length === 0 && missing.length === 0) return null;
        const list = (
          <dl class="field-list">
            {fields.map((field) => (
              <FieldLine key={field.name} field={field} elsewhere={different.get(field.name)} shown={shown} />
            ))}
          </dl>
        );
        if (title === REPEATED && filter === '')
          return (
            <Disclosure key={title} label={`${title} ${fields.length}`}>
              {list}
            </Disclosure>
          );
        return (
          <section key={title} class={part === 0 ? 'field-group different notice' : 'field-group'}>
            <h3 class="label">{title}</h3>
            {list}
            {missing.length > 0 && (
              <FieldList fields={missing.map(([name, elsewhere]) => [name, `not set, ${elsewhere}`])} />
            )}
          </section>
        );
      })}
      {none && <p class="muted">No field has “{filter}” in its name or value.</p>}
    </>
  );
}

function FieldLine({
  field,
  elsewhere,
  shown,
}: {
  field: SpanField;
  elsewhere: string | undefined;
  shown: ShownTrace;
}) {
  const { name, value, type } = field;
  const [open, setOpen] = useState(false);
  const text = String(value);
  const pretty = prettyValue(name, text);
  return (
    <div class={open ? 'field-line open' : 'field-line'}>
      <dt class="meta ellipsis" title={`${name} (${type})`}>
        {name}
      </dt>
      <dd>
        <button
          type="button"
          class={MESSAGES.has(name) ? 'bare field-value mono' : 'bare field-value mono ellipsis'}
          aria-expanded={open}
          aria-label={`${name}: ${written(field)}`}
          title={text.slice(0, 2000)}
          onClick={() => {
            // A selection of a part of the value is there to be copied, not to fold it.
            if (getSelection()?.isCollapsed ?? true) setOpen(!open);
          }}
        >
          {open ? pretty : written(field)}
        </button>
        <span class="field-type label">{type}</span>
        <MoreMenu about={`Actions for ${name}`} items={actionsOf(field, shown)} />
        {elsewhere !== undefined && <span class="meta warning-text whole">{elsewhere}</span>}
      </dd>
    </div>
  );
}

/** Actions on a field. The menu's button names the field. The entries begin with different words. */
function actionsOf(
  { name, value }: SpanField,
  { model, state, change, toggleColumn }: ShownTrace,
): MenuItem[] {
  const where = (op: '=' | '!=') => () => go(placeAbout(model, [{ column: name, op, value }]));
  const queries: MenuItem[] = [
    { key: 'where', label: 'Where = this value', onSelect: where('=') },
    { key: 'not', label: 'Where ≠ this value', onSelect: where('!=') },
    {
      key: 'exists',
      label: 'Where it is set',
      onSelect: () => go(placeAbout(model, [{ column: name, op: 'exists' }])),
    },
    { key: 'group', label: 'Group by it', onSelect: () => go(placeAbout(model, [], [name])) },
  ];
  return [
    { key: 'copy', label: 'Copy value', onSelect: () => copy(String(value)) },
    { key: 'copy name', label: 'Copy name', onSelect: () => copy(name) },
    ...(pageSettings.saved === undefined ? queries : []),
    {
      key: 'column',
      label: state.columns.includes(name) ? 'Hide the column' : 'Show as a column',
      onSelect: () => toggleColumn(name),
    },
    { key: 'color', label: 'Colour spans by it', onSelect: () => change({ color: name }) },
  ];
}

/** When the browser forbids copying, the person can still select the value. */
function copy(text: string): void {
  navigator.clipboard?.writeText(text).catch(() => {});
}

function written({ name, value }: SpanField): string {
  if (name === 'duration_ms' && typeof value === 'number') return `${value} (${formatDuration(value)})`;
  return value === '' ? '""' : String(value).replaceAll(/\s+/g, ' ');
}
