import { useState } from 'preact/hooks';
import { Busy } from '../../../components/busy.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import type { TraceModel } from '../model/trace-model.ts';
import { useSpanForm } from './span-forms.ts';

export interface JsonTabProps {
  readonly model: TraceModel;
  readonly place: number;
  readonly form: 'otlp' | 'honeycomb' | 'xray';
  /** What the form is. */
  readonly about: string;
}

/** The span as another system has it, to read and to copy. */
export function JsonTab({ model, place, form, about }: JsonTabProps) {
  const { value, error, reload } = useSpanForm<unknown>(model, place, form);
  const [copied, setCopied] = useState<string>();
  if (error !== undefined) return <ErrorState error={error} onRetry={reload} />;
  if (value === undefined) return <Busy what="Reading the span" />;
  const text = JSON.stringify(value, null, 2);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied('Copied'),
      () => setCopied('The browser does not allow copying here: select the text instead.'),
    );
  return (
    <>
      <p class="form-about">
        {about}{' '}
        <button type="button" onClick={copy}>
          Copy
        </button>{' '}
        <span role="status">{copied}</span>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre class="form-text" tabIndex={0}>
        {text}
      </pre>
    </>
  );
}
