import { visibleName } from '../../../../shared/harmless-text.ts';
import { errorText, rootCause } from '../../../../traces/model/errors.ts';
import type { TraceModel } from '../../../../traces/model/trace-model.ts';
import { Time } from '../../../components/time.tsx';
import { honeycombTraceUrl } from '../../../honeycomb/honeycomb-links.ts';
import { useHoneycombPlaces } from '../../../honeycomb/honeycomb-place.ts';
import { settings } from '../../../shell/settings.ts';
import { ImportButton } from '../import/import-button.tsx';
import type { ShownTrace } from '../use-actions.ts';
import { CompareMenu } from './compare-menu.tsx';
import { CopyButtons } from './copy-buttons.tsx';
import { SaveMenu } from './save-menu.tsx';
import { TraceFacts } from './trace-facts.tsx';

interface TraceHeaderProps {
  readonly shown: ShownTrace;
  /** Whether tools are open in a window with little room for them. */
  readonly hasTools: boolean;
  readonly onTools: () => void;
  readonly onHelp: () => void;
}

/** The trace's name, result and cause, with actions on the whole trace. */
export function TraceHeader({ shown, hasTools, onTools, onHelp }: TraceHeaderProps) {
  const { model, selected } = shown;
  const status = model.statusCode(0);
  const route = model.route(0);
  const name = visibleName(model.name(0));
  return (
    <header class="trace-header">
      <div class="trace-title">
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
          <bdi class="muted" title={model.service(0)}>
            {model.service(0)}
          </bdi>
        </h1>
        <p class="trace-facts">
          <TraceFacts model={model} />
          <Time at={Number(model.start / 1_000_000n)} />
          <code title="Trace id">{model.traceId}</code>
          <CopyButtons model={model} place={selected} />
        </p>
        <RootCause model={model} onGoTo={shown.goTo} />
      </div>
      <button type="button" class="tools-toggle" aria-expanded={hasTools} onClick={onTools}>
        {hasTools ? '▾' : '▸'} Tools
      </button>
      <div class="trace-actions">
        {settings.savedTraceId === undefined && (
          <>
            <CompareMenu shown={shown} />
            <SaveMenu model={model} />
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

/** The deepest error in one sentence, with a link to its span. */
function RootCause({ model, onGoTo }: { model: TraceModel; onGoTo: (place: number) => void }) {
  const cause = rootCause(model);
  if (cause < 0) return null;
  return (
    <p class="trace-cause">
      <span class="error-mark" aria-hidden="true">
        ✗
      </span>
      <button type="button" class="plain" onClick={() => onGoTo(cause)} title="e">
        <bdi>
          <strong>{model.service(cause)}</strong>
        </bdi>{' '}
        failed in <bdi>{visibleName(model.name(cause))}</bdi>: <bdi>{errorText(model, cause)}</bdi>
      </button>
    </p>
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
