import { useMemo } from 'preact/hooks';
import { visibleName } from '../../../../shared/harmless-text.ts';
import { errorCauses, errorText } from '../../../../traces/findings/errors.ts';
import { rootCause } from '../../../../traces/findings/facts.ts';
import type { TraceModel } from '../../../../traces/model/trace-model.ts';
import { settings } from '../../../browser/settings.ts';
import { Time } from '../../../components/times/time.tsx';
import { honeycombTraceUrl } from '../../../honeycomb/honeycomb-links.ts';
import { useHoneycombPlaces } from '../../../honeycomb/honeycomb-place.ts';
import { ImportButton } from '../../../import/import-button.tsx';
import { formatCount } from '../../../values/format.ts';
import type { ShownTrace } from '../state/use-actions.ts';
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
        <p class="trace-facts line">
          <TraceFacts model={model} />
          <Time at={Number(model.start / 1_000_000n)} />
          <code title="Trace id">{model.traceId}</code>
          <CopyButtons model={model} index={selected} />
        </p>
        <Causes model={model} onGoTo={shown.goTo} />
      </div>
      <button type="button" class="tools-toggle" aria-expanded={hasTools} onClick={onTools}>
        {hasTools ? '▾' : '▸'} Tools
      </button>
      <div class="trace-actions line">
        {settings.savedTraceId === undefined && (
          <>
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

/** Each cause of errors in one sentence, with a link to its first span. The causes after the first unfold. */
function Causes({ model, onGoTo }: { model: TraceModel; onGoTo: (index: number) => void }) {
  const [first, ...others] = useMemo(() => errorCauses(model), [model]);
  if (first === undefined) return null;
  return (
    <>
      <p class="trace-cause">
        <Cause model={model} indexes={first} onGoTo={onGoTo} />
      </p>
      {others.length > 0 && (
        <details class="trace-causes">
          <summary>{`${formatCount(others.length)} more ${others.length === 1 ? 'cause' : 'causes'}`}</summary>
          <ul class="cause-list">
            {others.map((indexes) => (
              <li key={indexes[0]}>
                <Cause model={model} indexes={indexes} onGoTo={onGoTo} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

interface CauseProps {
  readonly model: TraceModel;
  readonly indexes: readonly number[];
  readonly onGoTo: (index: number) => void;
}

function Cause({ model, indexes, onGoTo }: CauseProps) {
  const root = rootCause(model);
  const index = indexes.includes(root) ? root : (indexes[0] ?? -1);
  const frame = model.frame(index);
  return (
    <>
      <span class="error-mark" aria-hidden="true">
        ✗
      </span>
      <button
        type="button"
        class="plain"
        onClick={() => onGoTo(index)}
        title={index === root ? 'e' : undefined}
      >
        {indexes.length > 1 && `${formatCount(indexes.length)} × `}
        <bdi>
          <strong>{model.service(index)}</strong>
        </bdi>{' '}
        failed in <bdi>{visibleName(model.name(index))}</bdi>: <bdi>{errorText(model, index)}</bdi>{' '}
        {frame !== undefined && <bdi class="mono muted">{frame}</bdi>}
      </button>
    </>
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
