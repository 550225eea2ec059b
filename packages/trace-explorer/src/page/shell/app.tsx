import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { tracePlace } from '../../core/places/place.ts';
import type { Range } from '../../core/places/range.ts';
import { sharesRange, shownRange } from '../../core/places/shown-range.ts';
import { factsOf } from '../../core/places/views.ts';
import type { Status } from '../../core/status.ts';
import { readTraceReference } from '../../core/traces/model/trace-reference.ts';
import { unreachable } from '../api/api.ts';
import { useJson } from '../api/use-load.ts';
import { go, placeNow, usePlace } from '../browser/router.ts';
import { isWriting, useKeys } from '../browser/use-keys.ts';
import { useListener } from '../browser/use-listener.ts';
import { useLater } from '../browser/use-paused.ts';
import { focusFirstRow, useRowKeys } from '../browser/use-row-keys.ts';
import { lazy } from '../components/states/lazy.tsx';
import { HealthStrip } from '../health/health-strip.tsx';
import { DropFiles } from '../import/drop-files.tsx';
import type { Opened } from '../part.ts';
import { viewOf } from '../view-of.ts';
import { Header } from './header.tsx';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    traces: true;
  }
}

const opened = () => import('./opened.ts');
const GoBox = lazy(async () => ({ default: (await opened()).GoBox }));
const PipelineDialog = lazy(async () => ({ default: (await opened()).PipelineDialog }));
const DeleteDialog = lazy(async () => ({ default: (await opened()).DeleteDialog }));
const ImportDialog = lazy(async () => ({ default: (await opened()).ImportDialog }));
const KeysDialog = lazy(async () => ({ default: (await opened()).KeysDialog }));

/** The page: navigation, the view of the present place, and below it problems of the pipeline. */
export function App() {
  const place = usePlace();
  const View = viewOf(place.view);
  // A view without a range keeps the range of the view before it.
  const range = useRef<Range | undefined>(undefined);
  if (sharesRange(place.view)) range.current = shownRange(place);
  const view = useRef<HTMLElement>(null);
  // The link that led here is gone, so Tab continues in the view.
  const shown = useRef(place);
  useLayoutEffect(() => {
    const isOther = shown.current !== place;
    shown.current = place;
    if (isOther && document.activeElement === document.body) view.current?.focus({ preventScroll: true });
  }, [place.view, place.id]);
  const [dialog, setDialog] = useState<Opened>();
  const close = () => setDialog(undefined);
  const openGo = () => setDialog('go');
  // Loaded ahead of its use, because keys that are pressed meanwhile would be lost. A failure is shown when the box opens.
  useEffect(() => void GoBox.load().catch(() => {}), []);
  // Nothing stands for it meanwhile: most addresses are read whole.
  const [UnreadParams, setUnread] = useState<Awaited<ReturnType<typeof opened>>['UnreadParams']>();
  const mayBeUnread = place.view === 'service' || Object.keys(place.params).length > 0;
  useEffect(() => {
    if (mayBeUnread)
      opened().then(
        (code) => setUnread(() => code.UnreadParams),
        () => {},
      );
  }, [mayBeUnread]);
  useKeys({ g: openGo, 'Control+k': openGo });
  useListener(document, 'paste', openPasted);
  useRowKeys();
  useKeys({ '?': () => setDialog('keys') }, window);
  /** Counts deletions: each shows the view anew. */
  const [turn, setTurn] = useState(0);
  // The status that is read again and again says nothing to the view: a long list takes a while to be compared.
  const shownView = useMemo(() => View && <View key={turn} place={place} />, [View, turn, place]);
  const health = useHealth(turn);
  const services = health.value?.services.map(({ name }) => name);
  const showWithout = (traceId: string | undefined) => {
    if (traceId !== undefined || placeNow().view === 'trace') go({ view: 'traces', params: {} });
    setTurn((before) => before + 1);
  };
  const { title = '', skip } = factsOf(place.view) ?? {};
  // Before a view says what it is about.
  useLayoutEffect(() => {
    document.title = `${title} · Tandem`;
  }, [place.view, place.id]);
  return (
    <>
      {skip !== undefined && (
        <button type="button" class="skip-link over" onClick={() => focusFirstRow() || view.current?.focus()}>
          Skip to {skip}
        </button>
      )}
      <a class="skip-link over" href="#view">
        Skip to content
      </a>
      <Header range={range.current} services={services} onOpen={setDialog} />
      {UnreadParams && mayBeUnread && <UnreadParams place={place} services={services} />}
      <main id="view" ref={view} tabIndex={-1} class={`view view-${place.view}`}>
        {shownView}
      </main>
      <DropFiles />
      <HealthStrip load={health} onDetails={() => setDialog('pipeline')} />
      {dialog === 'go' && <GoBox range={range.current} onOpen={setDialog} onClose={close} />}
      {dialog === 'pipeline' && health.value && <PipelineDialog status={health.value} onClose={close} />}
      {dialog === 'import' && <ImportDialog onClose={close} />}
      {dialog === 'keys' && <KeysDialog onClose={close} />}
      {dialog === 'delete' && <DeleteDialog onClose={close} onDeleted={showWithout} />}
    </>
  );
}

function openPasted(event: ClipboardEvent): void {
  if (event.defaultPrevented || isWriting(event.target)) return;
  const trace = readTraceReference(event.clipboardData?.getData('text') ?? '');
  if (trace === undefined) return;
  event.preventDefault();
  go(tracePlace(trace.traceId, trace.spanId));
}

/** Milliseconds between two reads of the status. */
const EVERY_MS = 5000;

function useHealth(turn: number) {
  const health = useJson<Status>('/api/status', [turn]);
  const { busy, error, reload } = health;
  useLater(reload, busy ? undefined : EVERY_MS, [busy]);
  // Not while it is read, nor after it failed: its own failure is told here as well.
  useListener(unreachable, 'change', () => busy || error || reload());
  return health;
}
