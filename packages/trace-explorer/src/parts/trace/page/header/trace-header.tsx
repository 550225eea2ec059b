import { visibleName } from '../../../../core/shared/harmless-text.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { pageSettings } from '../../../../page/browser/settings.ts';
import { Link } from '../../../../page/components/link.tsx';
import { ServiceLink } from '../../../../page/components/services/service-name.tsx';
import { Time } from '../../../../page/components/times/time.tsx';
import { honeycombTraceUrl } from '../../../../page/honeycomb/honeycomb-links.ts';
import { useHoneycombPlaces } from '../../../../page/honeycomb/honeycomb-place.ts';
import { ImportButton } from '../../../../page/import/import-button.tsx';
import { shownParts } from '../../../../page/shown-parts.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { CompareMenu } from './compare-menu.tsx';
import { CopyMenu } from './copy-menu.tsx';
import { SaveMenu } from './save-menu.tsx';
import { TraceFigures } from './trace-facts.tsx';

interface TraceHeaderProps {
  readonly shown: ShownTrace;
  /** Whether tools are open in a window with little room for them. */
  readonly hasTools: boolean;
  readonly onTools: () => void;
  readonly onHelp: () => void;
}

/** The trace's name and result, with actions on the whole trace. */
export function TraceHeader({ shown, hasTools, onTools, onHelp }: TraceHeaderProps) {
  const { model, selected } = shown;
  const status = model.statusCode(0);
  const route = model.route(0);
  const name = visibleName(model.name(0));
  return (
    <header class="trace-header line">
      <div class="trace-title line">
        <h1>
          {status !== undefined && (
            <span class={model.error[0] === 1 ? 'trace-status failed' : 'trace-status'}>
              <span class="visually-hidden">Status </span>
              {status}
            </span>
          )}{' '}
          <bdi class="trace-name" title={name}>
            {name}
          </bdi>{' '}
          {route !== undefined && !name.includes(route) && <code>{route}</code>}{' '}
          <ServiceLink name={model.service(0)} />
        </h1>
        <p class="trace-facts line">
          <TraceFigures model={model.comparison === undefined ? (model.own ?? model) : model} />
          <Time at={Number(model.start / 1_000_000n)} />
          <code title={model.traceId}>{model.traceId.slice(0, 8)}</code>
        </p>
      </div>
      <button type="button" class="tools-toggle" aria-expanded={hasTools} onClick={onTools}>
        {hasTools ? '▾' : '▸'} Tools
      </button>
      <div class="trace-actions line">
        <CopyMenu model={model} index={selected} />
        {pageSettings.saved === undefined && (
          <>
            {shownParts().flatMap(({ ofTrace = [] }) =>
              ofTrace.map(({ label, place }) => {
                const to = place(model);
                return (
                  to && (
                    <Link isAction key={label} class="button" to={to}>
                      {label}
                    </Link>
                  )
                );
              }),
            )}
            <CompareMenu shown={shown} />
            <SaveMenu traceId={model.traceId} />
            <ImportButton />
            <HoneycombLink model={model} span={selected < 0 ? undefined : model.spanId(selected)} />
          </>
        )}
        <button type="button" onClick={onHelp} aria-label="Signs and keys">
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
    dataset: model.service(0),
    ...(span !== undefined && { span }),
    start,
    end: start + model.duration / 1e9,
  });
  return (
    <a href={url} target="_blank" rel="noreferrer">
      Open in Honeycomb
    </a>
  );
}
