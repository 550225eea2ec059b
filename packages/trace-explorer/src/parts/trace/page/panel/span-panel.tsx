import type { ComponentType } from 'preact';
import { tracePlace } from '../../../../core/places/place.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { waitWords } from '../../../../core/traces/model/waits.ts';
import { signedDuration } from '../../../../lib/text/format-duration.ts';
import { visibleName } from '../../../../lib/text/harmless-text.ts';
import { pageSettings } from '../../../../page/browser/settings.ts';
import { Icon } from '../../../../page/components/icon.tsx';
import { IconButton } from '../../../../page/components/inputs/icon-button.tsx';
import { Link } from '../../../../page/components/link.tsx';
import { ServiceLink } from '../../../../page/components/services/service-name.tsx';
import { lazy } from '../../../../page/components/states/lazy.tsx';
import { Tabs } from '../../../../page/components/tabs.tsx';
import { shownParts } from '../../../../page/shown-parts.ts';
import { formatDuration, formatShare, formatTime, formatUtc } from '../../../../page/values/format.ts';
import { CallParts } from '../grid/call-parts.tsx';
import { wordsOf } from '../grid/row-words.ts';
import type { SpanTab } from '../state/contributions.ts';
import { errorText } from '../state/error-order.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { DurationsTab } from './durations-tab.tsx';
import { EventsTab } from './events-tab.tsx';
import { FieldsTab } from './fields-tab.tsx';
import { JsonTab } from './json-tab.tsx';
import { LinksTab } from './links-tab.tsx';

interface SpanPanelProps {
  readonly shown: ShownTrace;
  readonly onClose: () => void;
}

/** A saved trace knows no other spans. */
const isLive = () => pageSettings.saved === undefined;

type ShownTab = Omit<SpanTab, 'Content'> & { readonly Content: ComponentType<{ shown: ShownTrace }> };

const FIELDS: ShownTab = { states: ['fields'], label: () => 'Fields', Content: FieldsTab };

const TABS: readonly ShownTab[] = [
  { states: ['events'], label: eventsLabel, Content: EventsTab },
  { states: ['links'], label: ({ model, selected }) => `Links ${model.links(selected)}`, Content: LinksTab },
  { states: ['durations'], label: () => 'Durations', isFor: isLive, Content: DurationsTab },
  { states: ['otlp', 'honeycomb'], label: () => 'JSON', Content: JsonTab },
];

/** The tabs of a span: the first one, those of other parts, and the rest. */
function tabsOf(shown: ShownTrace): ShownTab[] {
  const ofParts = shownParts().flatMap(({ spanTabs = [] }) => spanTabs);
  const tabs: ShownTab[] = [
    FIELDS,
    ...ofParts.map((tab) => ({ ...tab, Content: lazy(tab.Content) })),
    ...TABS,
  ];
  return tabs.filter(({ isFor }) => isFor?.(shown) ?? true);
}

function eventsLabel({ model, selected, logs }: ShownTrace): string {
  const events = model.events.get(selected)?.length ?? 0;
  const lines = logs.byIndex.get(selected)?.length ?? 0;
  return lines === 0 ? `Events ${events}` : `Events, logs ${events + lines}`;
}

/** Everything about the selected span. */
export function SpanPanel({ shown, onClose }: SpanPanelProps) {
  const { model, selected: index, criticalPath, change } = shown;
  const { tab } = shown.state;
  const tabs = tabsOf(shown);
  const { Content, states } = tabs.find((each) => each.states.includes(tab)) ?? FIELDS;
  const start = Number(model.start / 1000n) / 1000 + (model.offset[index] ?? 0) / 1e6;
  const critical = criticalPath?.time(index);
  const wait = model.wait(index);
  return (
    <>
      <header class="strip tight">
        <h2 class="ellipsis grow" tabIndex={-1} title={model.name(index)}>
          {visibleName(model.name(index))}
        </h2>
        {(model.children[index] ?? 0) > 0 && (
          <button type="button" class="ghost" onClick={shown.subtree} title="Only this subtree (z)">
            Only this<span class="visually-hidden"> subtree</span>
          </button>
        )}
        <IconButton icon="x" label="Close the span's details" onPress={onClose} />
      </header>
      <p class="span-facts line muted">
        <ServiceLink name={model.service(index)} />
        <span>{model.kind(index)}</span>
        <strong>{formatDuration((model.length[index] ?? 0) / 1e6)}</strong>
        <span title={formatUtc(start)}>
          at {formatDuration((model.offset[index] ?? 0) / 1e6)}, {formatTime(start)}
        </span>
        {critical !== undefined && (
          <span>
            critical for {formatDuration(critical / 1e6)} (
            {formatShare(model.duration === 0 ? 0 : critical / model.duration)})
          </span>
        )}
        {wait !== undefined && <span>{waitWords(wait)}</span>}
        <code>{model.spanId(index)}</code>
      </p>
      <CallParts model={model} index={index} />
      <Tabs
        label="The span's parts"
        items={tabs.map((each) => ({ key: each.states[0], label: each.label(shown) }))}
        selected={states[0]}
        onSelect={(key) => change({ tab: key })}
      >
        <SpanNotices model={model} index={index} />
        <Content key={`${model.traceOf(index)} ${model.ref(index)}`} shown={shown} />
      </Tabs>
    </>
  );
}

function SpanNotices({ model, index }: { model: TraceModel; index: number }) {
  const missing = model.missingParent(index);
  const shift = model.shift(index);
  const others = model.marks(index).filter((mark) => mark !== 'missing_parent' && mark !== 'clock_adjusted');
  const comparison = model.comparison?.(index);
  return (
    <ul class="span-notices">
      {model.error[index] === 1 && (
        <li class="error-text">
          <Icon name="error" /> Error: {errorText(model, index)}
        </li>
      )}
      {missing !== undefined && (
        <li>
          <Icon name="alert" /> Its parent <code>{missing}</code> has not arrived.
        </li>
      )}
      {shift !== 0 && <li>Clocks disagree: moved by {signedDuration(shift / 1e6)}.</li>}
      {others.map((mark) => (
        <li key={mark}>
          <Icon name="alert" /> {wordsOf(mark)}
        </li>
      ))}
      {comparison === undefined && model.traceOf(index) !== model.traceId && (
        <li>
          Of another trace.{' '}
          {isLive() && (
            <Link isAction to={tracePlace(model.traceOf(index), model.spanId(index))}>
              Open it
            </Link>
          )}
        </li>
      )}
      {comparison !== undefined && comparison.difference !== 'same' && (
        <li>
          {comparison.difference === 'added' && 'Only in this trace.'}
          {comparison.difference === 'missing' && 'Only in the other trace.'}
          {(comparison.difference === 'slower' || comparison.difference === 'faster') &&
            `The other trace took ${formatDuration(comparison.otherDuration / 1e6)}; the span itself took ${formatDuration(Math.abs(comparison.selfChange) / 1e6)} ${comparison.selfChange < 0 ? 'less' : 'more'} here.`}
        </li>
      )}
    </ul>
  );
}
