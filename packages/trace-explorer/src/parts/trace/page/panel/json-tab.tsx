import { useJson } from '../../../../page/api/use-load.ts';
import { Choose } from '../../../../page/components/inputs/choose.tsx';
import { CopyButton } from '../../../../page/components/inputs/copy-button.tsx';
import { Loaded } from '../../../../page/components/states/loaded.tsx';
import type { ShownTrace } from '../state/use-actions.ts';
import { SPAN_FORMS, spanPath } from './span-forms.ts';

/** The span in the form of another system, for reading and copying. */
export function JsonTab({ shown }: { shown: ShownTrace }) {
  const [form, , about] = SPAN_FORMS.find(([key]) => key === shown.state.tab) ?? SPAN_FORMS[0];
  return (
    <div class="column">
      <div>
        <Choose
          label="Form"
          value={form}
          choices={SPAN_FORMS.map(([key, name]) => [key, name])}
          onChoose={(chosen) => shown.change({ tab: chosen ?? form })}
        />
      </div>
      <FormText key={form} shown={shown} form={form} about={about} />
    </div>
  );
}

function FormText({ shown, form, about }: { shown: ShownTrace; form: string; about: string }) {
  const load = useJson<object>(spanPath(shown.model, shown.selected, form));
  const text = JSON.stringify(load.value, null, 2);
  return (
    <Loaded load={load} what="Reading the span">
      {() => (
        <div class="column">
          <p class="strip">
            <span class="muted grow">{about}</span>
            <CopyButton label="Copy" about="Copy the JSON" text={() => text} />
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre class="form-text" tabIndex={0}>
            {text}
          </pre>
        </div>
      )}
    </Loaded>
  );
}
