import type { ComponentChildren } from 'preact';
import type { LogEntry } from '../../core/logs/schemas.ts';
import { LEVEL_NAMES, levelWord } from '../../lib/text/log-levels.ts';
import { useJson } from '../api/use-load.ts';
import { Attributes } from '../components/field-list.tsx';
import { CopyButton } from '../components/inputs/copy-button.tsx';
import { ServiceLink } from '../components/services/service-name.tsx';
import { Loaded } from '../components/states/loaded.tsx';
import { Time } from '../components/times/time.tsx';
import { valueText } from '../values/any-value.ts';
import type { OtlpLogForm, OtlpLogRecord } from '../values/otlp-form.ts';
import { prettyValue } from '../values/pretty-value.ts';
import { kindOf } from './levels.ts';

export interface LogDetailProps {
  readonly id: string;
  readonly entry?: LogEntry | undefined;
  /** Narrows the list to lines with this value of a field. */
  readonly onField?: ((name: string, value: string) => void) | undefined;
  /** Links to where the record belongs. Not in the trace itself. */
  readonly links?: ((record: OtlpLogRecord, id: string) => ComponentChildren) | undefined;
}

const TAGS: Readonly<Record<string, string>> = { warn: 'warn', error: 'err', fatal: 'err', exception: 'err' };

/** All parts of one log record, as sent. */
export default function LogDetail({ id, entry, onField, links }: LogDetailProps) {
  const load = useJson<OtlpLogForm>(`/api/logs/${encodeURIComponent(id)}`, [id]);
  return (
    <Loaded load={load} what="Reading the log record">
      {(form) => {
        const [origin] = form.resourceLogs ?? [];
        const [scope] = origin?.scopeLogs ?? [];
        const record = scope?.logRecords?.[0] ?? {};
        const { attributes = [], severityText = '', eventName = '' } = record;
        const body = record.body === undefined ? '' : valueText(record.body);
        const severity =
          entry?.severity ?? LEVEL_NAMES[Math.floor(((record.severityNumber ?? 0) - 1) / 4)] ?? 'unspecified';
        const service = origin?.resource?.attributes?.find(({ key }) => key === 'service.name');
        const parts = [
          ['Attributes', attributes],
          ['Resource', origin?.resource?.attributes],
          [`Scope ${scope?.scope?.name ?? ''}`, scope?.scope?.attributes],
        ] as const;
        const plain = Object.fromEntries(attributes.map(({ key, value: each }) => [key, valueText(each)]));
        return (
          <div class="log-detail column">
            <p class="line">
              <span class={`tag ${TAGS[kindOf({ severity, attributes: plain })] ?? ''}`}>
                {levelWord(severity)}
              </span>
              <Moment nanoseconds={record.timeUnixNano} />
              {severityText !== '' && severityText.toLowerCase() !== severity && (
                <span class="muted">sent as {severityText}</span>
              )}
              {eventName !== '' && <code>{eventName}</code>}
              <Observed record={record} />
              <span class="at-end">
                <CopyButton
                  label="Copy"
                  about="Copy the record as OTLP JSON"
                  text={() => JSON.stringify(form, null, 2)}
                />
              </span>
              {service !== undefined && (
                <span class="whole">
                  <ServiceLink name={valueText(service.value)} />
                </span>
              )}
              {links && <span class="line whole">{links(record, id)}</span>}
            </p>
            {body !== '' && (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
              <pre class="said" tabIndex={0}>
                {prettyValue('body', body)}
              </pre>
            )}
            {parts.map(
              ([title, own = []]) =>
                own.length > 0 && (
                  <section key={title} class="column">
                    <h3 class="label">{title}</h3>
                    <Attributes attributes={own} {...(onField && { onField })} />
                  </section>
                ),
            )}
          </div>
        );
      }}
    </Loaded>
  );
}

function Moment({ nanoseconds = '0' }: { nanoseconds?: string | undefined }) {
  if (nanoseconds === '0') return <span class="muted">sent without a time</span>;
  return <Time at={Number(BigInt(nanoseconds) / 1_000_000n)} />;
}

/** The time at which the sender received the line, when it differs from the line's own time. */
function Observed({ record: { timeUnixNano = '0', observedTimeUnixNano = '0' } }: { record: OtlpLogRecord }) {
  const apart = Number((BigInt(observedTimeUnixNano) - BigInt(timeUnixNano)) / 1_000_000n);
  if (observedTimeUnixNano === '0' || (timeUnixNano !== '0' && Math.abs(apart) < 1)) return null;
  const at = Number(BigInt(observedTimeUnixNano) / 1_000_000n);
  return (
    <span class="muted">
      observed <Time at={at} />
    </span>
  );
}
