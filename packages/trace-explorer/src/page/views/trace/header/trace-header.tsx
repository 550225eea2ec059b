import { Time } from '../../../components/time.tsx';
import { formatCount, formatDuration } from '../../../format.ts';
import { honeycombTraceUrl } from '../../../honeycomb/honeycomb-links.ts';
import { useHoneycombPlaces } from '../../../honeycomb/honeycomb-place.ts';
import type { TraceModel } from '../model/trace-model.ts';
import { CompareMenu } from './compare-menu.tsx';

export interface TraceHeaderProps {
  readonly model: TraceModel;
  readonly span: string | undefined;
  readonly compare: string | undefined;
  readonly onCompare: (traceId: string | undefined) => void;
  readonly onHelp: () => void;
}

/** Which trace this is, and what can be done with the whole of it. */
export function TraceHeader({ model, span, compare, onCompare, onHelp }: TraceHeaderProps) {
  const start = Number(model.start / 1_000_000n);
  const errors = model.errors.length;
  return (
    <header class="trace-header">
      <div class="trace-title">
        <h1>
          <span class="muted">{model.service(0)}</span> {model.name(0) || '(no name)'}
        </h1>
        <p>
          <strong>{formatDuration(model.duration / 1e6)}</strong>
          <span>
            {formatCount(model.count)} {model.count === 1 ? 'span' : 'spans'}
          </span>
          {errors > 0 ? (
            <span class="error-text">✗ {formatCount(errors)} with an error</span>
          ) : (
            <span class="muted">no errors</span>
          )}
          <Time at={start} />
          <code title="Trace id">{model.traceId}</code>
        </p>
      </div>
      <div class="trace-actions">
        <CompareMenu model={model} compare={compare} onCompare={onCompare} />
        <a href={`/api/traces/${model.traceId}/export`} download={`trace-${model.traceId}.json`}>
          Export OTLP
        </a>
        <HoneycombLink model={model} span={span} />
        <button type="button" onClick={onHelp} aria-label="Keys of this view">
          ?
        </button>
      </div>
    </header>
  );
}

function HoneycombLink({ model, span }: { model: TraceModel; span: string | undefined }) {
  const { place } = useHoneycombPlaces();
  if (place === undefined) return null;
  const start = Number(model.start / 1_000_000n) / 1000;
  const url = honeycombTraceUrl(place, {
    id: model.traceId,
    ...(span !== undefined && { span: span.slice(0, 16) }),
    start,
    end: start + model.duration / 1e9,
  });
  return (
    <a href={url} target="_blank" rel="noreferrer">
      Open in Honeycomb
    </a>
  );
}
