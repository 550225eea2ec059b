import { useLayoutEffect, useRef } from 'preact/hooks';
import type { LogsState } from '../../../core/places/logs-place.ts';
import { logsPlace } from '../../../core/places/logs-place.ts';
import { CONVERSATION_ID_FIELDS } from '../../../core/traces/model/agents/generative-fields.ts';
import { traceIdField } from '../../../lib/trace-id.ts';
import { Icon } from '../../../page/components/icon.tsx';
import { IconButton } from '../../../page/components/inputs/icon-button.tsx';
import { Link } from '../../../page/components/link.tsx';
import { lineInTrace } from '../../../page/log-lines/line-in-trace.ts';
import LogDetail from '../../../page/log-lines/log-detail.tsx';
import { valueText } from '../../../page/values/any-value.ts';
import type { OtlpLogRecord } from '../../../page/values/otlp-form.ts';
import { UNFILTERED } from './filters.tsx';

/** Seconds before and after a line, for the lines around it. */
const AROUND = 5;

interface OpenLineProps {
  readonly id: string;
  readonly state: LogsState;
  onChange(changes: Partial<LogsState>): void;
}

/** A line with all that was sent of it, beside the others. */
export default function OpenLine({ id, state, onChange }: OpenLineProps) {
  const panel = useRef<HTMLElement>(null);
  // What has the focus leaves with the panel, or with its list.
  const focusLines = () => {
    if (panel.current?.contains(document.activeElement))
      document.querySelector<HTMLElement>('.log-rows')?.focus({ preventScroll: true });
  };
  useLayoutEffect(() => focusLines, []);
  return (
    <aside class="log-panel sheet" aria-label="The chosen line" ref={panel}>
      <IconButton icon="x" label="Close the line" onPress={() => onChange({ open: undefined })} />
      <LogDetail
        id={id}
        links={linksOf}
        onField={(name, value) => {
          focusLines();
          onChange({ fields: [...new Set([...state.fields, `${name}=${value}`])] });
        }}
      />
    </aside>
  );
}

function linksOf(
  { traceId = '', spanId = '', attributes = [], timeUnixNano = '0' }: OtlpLogRecord,
  id: string,
) {
  const at = Math.floor(Number(timeUnixNano) / 1e9);
  const trace = traceIdField(traceId);
  const joining = attributes.find(({ key }) => (CONVERSATION_ID_FIELDS as readonly string[]).includes(key));
  return (
    <>
      {trace === '' && <span class="muted">in no trace</span>}
      {trace !== '' && (
        <Link class="button" to={lineInTrace(trace, spanId, id)}>
          <Icon name="flow" /> In its trace <code>{trace.slice(0, 8)}</code>
        </Link>
      )}
      {at > 0 && (
        <Link
          class="button ghost"
          to={logsPlace({ ...UNFILTERED, start: at - AROUND, end: at + AROUND, open: id })}
        >
          <Icon name="lines" /> Lines around it
        </Link>
      )}
      {joining !== undefined && (
        <Link
          class="button ghost"
          to={{ view: 'conversation', id: valueText(joining.value), params: { by: joining.key } }}
        >
          Conversation
        </Link>
      )}
    </>
  );
}
