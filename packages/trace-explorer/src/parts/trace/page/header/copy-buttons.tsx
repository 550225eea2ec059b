import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { getJson } from '../../../../page/api/api.ts';
import { CopyButton } from '../../../../page/components/inputs/copy-button.tsx';
import type { HoneycombForm } from '../panel/span-forms.ts';
import { spanPath } from '../panel/span-forms.ts';
import { requestCommand } from './request-command.ts';

const MAX_LOOKS = 3;

/** What of a trace can be copied. */
export function CopyButtons({ model, index }: { model: TraceModel; index: number }) {
  const span = model.spanId(Math.max(0, index));
  // A 64-bit id is stored without the zeros that the header needs.
  const traceparent = `00-${model.traceId.padStart(32, '0')}-${span}-01`;
  const buttons: readonly [what: string, title: string, text: () => string | Promise<string>][] = [
    ['id', model.traceId, () => model.traceId],
    ['link', 'This view, as it is', () => location.href],
    ['traceparent', 'To continue this trace from the selected span', () => traceparent],
    ['curl', 'The request again, in a trace of its own', () => curlOf(model)],
  ];
  return (
    <>
      <p>
        Trace <code>{model.traceId}</code>
      </p>
      <span class="copy-buttons line">
        {buttons.map(([what, title, text]) => (
          <CopyButton key={what} label={what} about={`Copy ${what}`} title={title} text={text} />
        ))}
      </span>
    </>
  );
}

/** The trace's first request as a command. @throws Error when none of its first spans is a request */
async function curlOf(model: TraceModel): Promise<string> {
  for (let index = 0; index < Math.min(MAX_LOOKS, model.count); index++) {
    const { event } = await getJson<HoneycombForm>(spanPath(model, index, 'honeycomb'));
    const command = requestCommand(event?.data ?? {}, newTraceparent());
    if (command !== undefined) return command;
  }
  throw new Error('No span at the top is an HTTP request with its URL');
}

function newTraceparent(): string {
  const hex = (bytes: number) =>
    Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
      byte.toString(16).padStart(2, '0'),
    ).join('');
  return `00-${hex(16)}-${hex(8)}-03`;
}
