import { pageSettings } from '../../../../page/browser/settings.ts';
import { Choose } from '../../../../page/components/inputs/choose.tsx';
import { CopyButton } from '../../../../page/components/inputs/copy-button.tsx';
import { Loaded } from '../../../../page/components/states/loaded.tsx';
import type { ShownTrace } from '../state/use-actions.ts';
import type { SpanForm } from './span-forms.ts';
import { useSpanForm } from './span-forms.ts';

const FORMS = [
  ['otlp', 'OTLP', 'Unchanged, in OTLP’s JSON encoding.'],
  ['honeycomb', 'Honeycomb', 'As Honeycomb stores it: a row for the span, and one for each event and link.'],
  ['xray', 'X-Ray', 'As the AWS X-Ray exporter of the OpenTelemetry Collector would send it.'],
] as const;

/** Forms of a span. A saved trace has only the first two. */
const SHOWN = pageSettings.saved === undefined ? FORMS : FORMS.slice(0, 2);

/** The span in the form of another system, for reading and copying. */
export function JsonTab({ shown }: { shown: ShownTrace }) {
  const [form, , about] = SHOWN.find(([key]) => key === shown.state.tab) ?? FORMS[0];
  return (
    <>
      <Choose
        label="Form"
        value={form}
        choices={SHOWN.map(([key, name]) => [key, name])}
        onChoose={(chosen) => shown.change({ tab: SHOWN.find(([key]) => key === chosen)?.[0] ?? form })}
      />
      <FormText key={form} shown={shown} form={form} about={about} />
    </>
  );
}

function FormText({ shown, form, about }: { shown: ShownTrace; form: SpanForm; about: string }) {
  const load = useSpanForm<object>(shown.model, shown.selected, form);
  const text = JSON.stringify(load.value, null, 2);
  return (
    <Loaded load={load} what="Reading the span">
      {() => (
        <>
          <p class="form-about">
            {about} <CopyButton label="Copy" about="Copy the JSON" text={() => text} />
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre class="form-text" tabIndex={0}>
            {text}
          </pre>
        </>
      )}
    </Loaded>
  );
}
