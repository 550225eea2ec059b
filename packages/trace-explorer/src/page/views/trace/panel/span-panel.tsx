import { ServiceName } from '../../../components/service-name.tsx';
import { Tabs } from '../../../components/tabs.tsx';
import { formatDuration, formatShare, formatTime, formatUtc } from '../../../format.ts';
import { wordsOf } from '../grid/span-row.tsx';
import type { CriticalPath } from '../model/critical-path.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { PanelTab } from '../trace-state.ts';
import { PANEL_TABS } from '../trace-state.ts';
import { EventsTab } from './events-tab.tsx';
import { FieldsTab } from './fields-tab.tsx';
import { JsonTab } from './json-tab.tsx';
import { LikeTab } from './like-tab.tsx';
import { LinksTab } from './links-tab.tsx';

export interface SpanPanelProps {
  readonly model: TraceModel;
  readonly place: number;
  readonly tab: PanelTab;
  readonly criticalPath: CriticalPath | undefined;
  readonly columns: readonly string[];
  readonly onTab: (tab: PanelTab) => void;
  readonly onColumns: (columns: readonly string[]) => void;
  readonly onColor: (field: string) => void;
  readonly onZoom: () => void;
  readonly onClose: () => void;
}

/** Everything about the selected span. */
export function SpanPanel(props: SpanPanelProps) {
  const { model, place, tab, criticalPath } = props;
  const start = Number(model.start / 1000n) / 1000 + (model.offset[place] ?? 0) / 1e6;
  const critical = criticalPath?.time(place);
  const events = model.events.get(place)?.length ?? 0;
  const labels: Record<PanelTab, string> = {
    fields: 'Fields',
    events: `Events ${events}`,
    links: `Links ${model.links(place)}`,
    like: 'Like it',
    otlp: 'OTLP',
    honeycomb: 'Honeycomb',
    xray: 'X-Ray',
  };
  return (
    <aside class="span-panel" aria-label="Selected span">
      <header>
        <h2 tabIndex={-1}>{model.name(place) || '(no name)'}</h2>
        {(model.children[place] ?? 0) > 0 && (
          <button type="button" onClick={props.onZoom} title="z">
            Only this subtree
          </button>
        )}
        <button type="button" class="icon" aria-label="Close the span's details" onClick={props.onClose}>
          ✕
        </button>
      </header>
      <p class="span-facts">
        <ServiceName name={model.service(place)} />
        <span>{model.kind(place)}</span>
        <strong>{formatDuration((model.length[place] ?? 0) / 1e6)}</strong>
        <span title={formatUtc(start)}>
          at {formatDuration((model.offset[place] ?? 0) / 1e6)}, {formatTime(start)}
        </span>
        {critical !== undefined && (
          <span>
            critical for {formatDuration(critical / 1e6)} (
            {formatShare(model.duration === 0 ? 0 : critical / model.duration)})
          </span>
        )}
        <code>{model.spanId(place)}</code>
      </p>
      <SpanNotices model={model} place={place} />
      <Tabs
        label="The span's parts"
        items={PANEL_TABS.map((key) => ({ key, label: labels[key] }))}
        selected={tab}
        onSelect={(key) => props.onTab(PANEL_TABS.find((each) => each === key) ?? 'fields')}
      >
        <TabContent key={`${model.traceOf(place)} ${model.spanId(place)} ${tab}`} {...props} />
      </Tabs>
    </aside>
  );
}

function TabContent(props: SpanPanelProps) {
  const { model, place, tab } = props;
  switch (tab) {
    case 'fields':
      return (
        <FieldsTab
          model={model}
          place={place}
          columns={props.columns}
          onColumns={props.onColumns}
          onColor={props.onColor}
        />
      );
    case 'events':
      return <EventsTab model={model} place={place} />;
    case 'links':
      return <LinksTab model={model} place={place} />;
    case 'like':
      return <LikeTab model={model} place={place} />;
    default:
      return <JsonTab model={model} place={place} form={tab} about={formTexts[tab]} />;
  }
}

const formTexts = {
  otlp: 'As it was sent, in OTLP’s JSON encoding.',
  honeycomb: 'As Honeycomb stores it: a row for the span, and one for each event and link.',
  xray: 'As the AWS X-Ray exporter of the OpenTelemetry Collector would send it.',
};

/** What is odd about the span, in words. */
function SpanNotices({ model, place }: { model: TraceModel; place: number }) {
  const message = model.statusMessage(place);
  const missing = model.missingParent(place);
  const shift = model.shift(place);
  const others = model.marks(place).filter((mark) => mark !== 'missing_parent' && mark !== 'clock_adjusted');
  const comparison = model.comparison?.(place);
  return (
    <ul class="span-notices">
      {model.error[place] === 1 && (
        <li class="error-text">
          <span aria-hidden="true">✗</span> Error{message !== undefined && `: ${message}`}
        </li>
      )}
      {missing !== undefined && (
        <li>
          ⚠ Its parent <code>{missing}</code> has not arrived.
        </li>
      )}
      {shift !== 0 && (
        <li>
          Clocks disagree: moved by {shift < 0 ? '−' : '+'}
          {formatDuration(Math.abs(shift) / 1e6)}.
        </li>
      )}
      {others.map((mark) => (
        <li key={mark}>⚠ {wordsOf(mark)}</li>
      ))}
      {comparison !== undefined && comparison.difference !== 'same' && (
        <li>
          {comparison.difference === 'added' && 'Only in this trace.'}
          {comparison.difference === 'missing' && 'Only in the other trace.'}
          {(comparison.difference === 'slower' || comparison.difference === 'faster') &&
            `The other trace took ${formatDuration(comparison.otherDuration / 1e6)}.`}
        </li>
      )}
    </ul>
  );
}
