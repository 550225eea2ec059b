import '../../common.ts';
import { useMemo } from 'preact/hooks';
import type { MapService, ServiceMap } from '../../../map/service-map.ts';
import { mapPath } from '../../../places/first-read.ts';
import { hrefOf } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import { rangeParams, rangePlace, shownRange, USUAL_SECONDS } from '../../../places/shown-range.ts';
import { getJson } from '../../ask/api.ts';
import { useLive } from '../../ask/use-live.ts';
import { useLoad } from '../../ask/use-load.ts';
import type { ViewProps } from '../../browser/router.ts';
import { setParams } from '../../browser/router.ts';
import { CopyButton } from '../../components/inputs/copy-button.tsx';
import { ServiceName } from '../../components/services/service-name.tsx';
import { Busy } from '../../components/states/busy.tsx';
import { ErrorState } from '../../components/states/error-state.tsx';
import { Estimated } from '../../components/states/estimated.tsx';
import { Stale } from '../../components/states/stale.tsx';
import { ChooseTime } from '../../components/times/choose-time.tsx';
import { describeSeconds } from '../../components/times/describe-times.ts';
import { StartPage } from '../../start/start-page.tsx';
import { formatCount } from '../../values/format.ts';
import { heightOfDrawing } from './drawing.tsx';
import type { Around, Column } from './layout/around.ts';
import { aroundOf, ROW } from './layout/around.ts';
import { busiestPart } from './layout/busiest-part.ts';
import { AroundPicture, WholePicture } from './picture.tsx';
import { servicePlace } from './span-places.ts';
import { MapTables } from './tables.tsx';

/** A map with more services starts with one service and its neighbours, because too many lines would cross. */
const MOST_AT_ONCE = 25;

/** Which service calls which, how often, how fast and with how many errors. A click shows the spans. */
export default function MapView({ place }: ViewProps) {
  const range = shownRange(place) ?? USUAL_SECONDS;
  const path = mapPath(range);
  const load = useLoad(async (signal) => ({ range, map: await getJson<ServiceMap>(path, signal) }), [path]);
  const { error, busy, reload, cancel } = load;
  const value = load.value?.map;
  const nothing = value !== undefined && value.services.length === 0;
  useLive(() => nothing && reload());
  const { service } = place.params;
  return (
    <>
      <div class="line">
        <h1 class="visually-hidden">Service map</h1>
        <ChooseTime
          range={range}
          onChoose={(seconds) => setParams({ ...rangeParams('map', seconds), time_range: undefined })}
        />
        {value !== undefined && (
          <ServiceField names={value.services.map(({ name }) => name)} value={service} />
        )}
        <button type="button" onClick={reload}>
          Refresh
        </button>
        <CopyButton text={() => location.href} label="Copy link" about="Copy link to this view" />
        <Estimated of={value} part="Calls between services" />
        {busy && <Busy what="Reading the map" onCancel={cancel} />}
      </div>
      {error !== undefined && <ErrorState error={error} onRetry={reload} />}
      {load.value !== undefined && (
        <Stale load={load}>
          <MapParts {...load.value} params={place.params} />
        </Stale>
      )}
    </>
  );
}

/** Picks the service whose neighbours are drawn. */
function ServiceField({ names, value }: { names: readonly string[]; value: string | undefined }) {
  const pick = (name: string) => {
    if (name === '' || names.includes(name))
      setParams({ service: name || undefined, all: undefined, callers: undefined, callees: undefined });
  };
  return (
    <label>
      Service{' '}
      <input
        type="search"
        list="map-services"
        placeholder={`any of ${formatCount(names.length)}`}
        value={value ?? ''}
        onInput={({ currentTarget }) => pick(currentTarget.value.trim())}
      />
      <datalist id="map-services">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  );
}

interface MapPartsProps {
  readonly map: ServiceMap;
  readonly range: Range;
  readonly params: ViewProps['place']['params'];
}

function MapParts({ map, range, params }: MapPartsProps) {
  const { service: wanted, all } = params;
  const picked = map.services.find(({ name }) => name === wanted);
  const center = wanted === undefined && all === undefined ? busiestOfMany(map) : picked;
  const [callers, callees] = [Number(params.callers) || 0, Number(params.callees) || 0];
  const rows = Math.min(12, Math.floor(heightOfDrawing() / ROW)); // for which the window has room
  const around = useMemo(
    () => center && aroundOf(map, center, { rows, callers, callees }),
    [map, center, callers, callees],
  );
  const part = useMemo(() => busiestPart(map), [map]);
  if (map.services.length === 0) {
    return (
      <>
        <p class="map-empty">
          No service sent a span in{' '}
          {typeof range === 'number' ? `the last ${describeSeconds(range)}` : 'this time'}.
        </p>
        <StartPage />
      </>
    );
  }
  return (
    <>
      {wanted !== undefined && picked === undefined && (
        <p class="map-shown" role="status">
          {wanted} sent and received no call in this time.
        </p>
      )}
      {around === undefined ? (
        <>
          <PartShown part={part} map={map} />
          <WholePicture map={map} part={part} range={range} />
        </>
      ) : (
        <>
          <AroundShown around={around} isChosen={wanted !== undefined} range={range} />
          <AroundPicture map={map} around={around} range={range} />
        </>
      )}
      {map.calls.length > 0 && (
        <p class="muted">
          A thicker line took more time. Red and dashed: some of these calls failed. The score is of the
          telemetry. A click on a box shows its neighbours, a click on a line its traces.
        </p>
      )}
      <MapTables map={map} range={range} />
    </>
  );
}

/** Of many services, the service with most calls that has a neighbour. */
function busiestOfMany({ services, calls }: ServiceMap): MapService | undefined {
  const own = services.filter(({ type }) => type === 'service');
  if (own.length <= MOST_AT_ONCE) return undefined;
  const connected = new Set(calls.flatMap(({ from, to }) => [from, to]));
  return own.filter(({ name }) => connected.has(name)).sort((a, b) => b.count - a.count)[0];
}

/** Says which part of a large map is drawn. */
function PartShown({ part, map }: { part: ReturnType<typeof busiestPart>; map: ServiceMap }) {
  const { services, hidden, hiddenCalls } = part;
  if (hidden + hiddenCalls === 0) return null;
  return (
    <p class="map-shown" role="status">
      The {formatCount(services.length)} of {formatCount(map.services.length)} services and databases along
      the busiest calls.{' '}
      {hiddenCalls > 0 && `${formatCount(hiddenCalls)} lines with fewer calls are not drawn. `}
      The tables list all. Pick a service to see its neighbours.
    </p>
  );
}

/** Names the service in the middle, and pages through its callers and callees. */
function AroundShown({
  around: { center, callers, callees },
  isChosen,
  range,
}: {
  around: Around;
  isChosen: boolean;
  range: Range;
}) {
  return (
    <div class="map-shown line" role="status">
      <span>
        <ServiceName {...center} />
        {!isChosen && ', the service with most calls'}
      </span>
      <ColumnPages column={callers} one="caller" />
      <ColumnPages column={callees} one="callee" />
      <a href={hrefOf(servicePlace(center, range))}>Spans</a>
      <a href={hrefOf(rangePlace('traces', range, { service: center.name }))}>Traces</a>
      <a href={hrefOf(rangePlace('map', range, { all: '' }))}>Show the whole map</a>
    </div>
  );
}

function ColumnPages({ column: { side, all, first, shown }, one }: { column: Column; one: string }) {
  if (all === 0) return <span class="muted">no {side}</span>;
  if (all === shown.length) return <span>{all === 1 ? `1 ${one}` : `${formatCount(all)} ${side}`}</span>;
  const show = (next: number) =>
    setParams({ [side]: next <= 0 ? undefined : String(next) }, { replace: true });
  return (
    <span class="line">
      <button
        type="button"
        aria-label={`${side} before these`}
        disabled={first === 0}
        onClick={() => show(first - shown.length)}
      >
        ‹
      </button>
      {formatCount(first + 1)}–{formatCount(first + shown.length)} of {formatCount(all)} {side}
      <button
        type="button"
        aria-label={`${side} after these`}
        disabled={first + shown.length === all}
        onClick={() => show(first + shown.length)}
      >
        ›
      </button>
    </span>
  );
}
