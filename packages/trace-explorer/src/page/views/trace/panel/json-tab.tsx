import type { TraceModel } from '../../../../traces/model/trace-model.ts';
import { CopyButton } from '../../../components/copy-button.tsx';
import { Loaded } from '../../../components/loaded.tsx';
import type { PanelTab } from '../trace-state.ts';
import type { SpanForm } from './span-forms.ts';
import { useSpanForm } from './span-forms.ts';

export interface JsonTabProps {
  readonly model: TraceModel;
  readonly place: number;
  readonly form: SpanForm;
  readonly onForm: (form: PanelTab) => void;
}

/** The span as another system has it, to read and to copy. */
export function JsonTab(props: JsonTabProps) {
  const { form, onForm } = props;
  return (
    <>
      <fieldset class="forms">
        <legend class="visually-hidden">As which system has it</legend>
        {FORMS.map(([key, label]) => (
          <label key={key}>
            <input type="radio" name="form" checked={key === form} onChange={() => onForm(key)} /> {label}
          </label>
        ))}
      </fieldset>
      <FormText key={form} {...props} />
    </>
  );
}

const FORMS = [
  ['otlp', 'OTLP'],
  ['honeycomb', 'Honeycomb'],
  ['xray', 'X-Ray'],
] as const;

const ABOUT: Readonly<Record<SpanForm, string>> = {
  otlp: 'As it was sent, in OTLP’s JSON encoding.',
  honeycomb: 'As Honeycomb stores it: a row for the span, and one for each event and link.',
  xray: 'As the AWS X-Ray exporter of the OpenTelemetry Collector would send it.',
};

function FormText({ model, place, form }: JsonTabProps) {
  const load = useSpanForm<object>(model, place, form);
  const text = JSON.stringify(load.value, null, 2);
  return (
    <Loaded load={load} what="Reading the span">
      {() => (
        <>
          <p class="form-about">
            {ABOUT[form]} <CopyButton label="Copy" about="Copy the JSON" text={() => text} />
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
