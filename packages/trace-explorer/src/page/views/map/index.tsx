import '../../common.ts';
import { useMemo, useRef } from 'preact/hooks';
import type { ServiceMap } from '../../../map/schemas.ts';
import { mapPath } from '../../../places/first-read.ts';
import type { Range } from '../../../places/shown-range.ts';
import { rangeParams, shownRange, USUAL_SECONDS } from '../../../places/shown-range.ts';
import { getJson } from '../../api/api.ts';
import { useLive } from '../../api/use-live.ts';
import { useLoad } from '../../api/use-load.ts';
import type { ViewProps } from '../../browser/router.ts';
import { setParams } from '../../browser/router.ts';
import { CopyButton } from '../../components/inputs/copy-button.tsx';
import { ServiceLink } from '../../components/services/service-name.tsx';
import { Busy } from '../../components/states/busy.tsx';
import { ErrorState } from '../../components/states/error-state.tsx';
import { Estimated } from '../../components/states/estimated.tsx';
import { Stale } from '../../components/states/stale.tsx';
import { ChooseTime } from '../../components/times/choose-time.tsx';
import { describeSeconds } from '../../components/times/describe-times.ts';
import { StartPage } from '../../start/start-page.tsx';
import { formatCount, formatDuration, formatShare } from '../../values/format.ts';
import { heightOfDrawing } from './drawing.tsx';
import { ROW } from './layout/around.ts';
import { busiestPart } from './layout/busiest-part.ts';
import { Neighbours } from './neighbours.tsx';
import { WholePicture } from './picture.tsx';
import type { Ranked, RankedBy } from './ranked.ts';
import { rankedBy } from './ranked.ts';
import { MapTables } from './tables.tsx';
import { useIsHigh } from './use-usual.ts';

/** A map with more services starts with the worst service and its neighbours, because too many lines would cross. */
const MOST_AT_ONCE = 25;
/** Services of the list beside the picture. */
const WORST = 10;

/** Which service calls which, how often, how fast and with how many errors. A click shows the service, or the calls. */
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
          onChoose={(chosen) => setParams({ ...rangeParams('map', chosen), time_range: undefined })}
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
    if (name === '' || names.includes(name)) setParams({ service: name || undefined, all: undefined });
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
  const isHigh = useIsHigh(range, map.services);
  const { service: wanted, all, by } = params;
  const fails = map.services.some((each) => isHigh(each.name, each));
  const measure: RankedBy = by === 'errors' || by === 'time' ? by : fails ? 'errors' : 'time';
  const ranked = useMemo(() => rankedBy(measure, map), [map, measure]);
  // The service in the middle stays there while the range slides, until a person chooses another one.
  const held = useRef({ measure, name: '' });
  const isHeld =
    held.current.measure === measure && ranked.some(({ service }) => service.name === held.current.name);
  if (!isHeld) held.current = { measure, name: worstOf(ranked, map) };
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
  const isWhole = wanted === undefined && (all !== undefined || (by === undefined && isFew(map)));
  const center = wanted ?? held.current.name;
  return (
    <>
      <div class="line">
        <Beginning label="Path of errors" isOn={!isWhole && measure === 'errors'} by="errors" />
        <Beginning label="Path of time" isOn={!isWhole && measure === 'time'} by="time" />
        <button
          type="button"
          aria-pressed={isWhole}
          onClick={() => setParams({ all: '', by: undefined, service: undefined })}
        >
          Whole map
        </button>
        {isWhole && <PartShown part={part} map={map} />}
      </div>
      <div class="map-parts">
        <div class="map-picture">
          {isWhole || center === '' ? (
            <WholePicture map={map} part={part} range={range} isHigh={isHigh} />
          ) : (
            <Neighbours
              map={map}
              name={center}
              range={range}
              measure={measure}
              isHigh={isHigh}
              rows={Math.max(1, Math.min(12, Math.floor(heightOfDrawing() / ROW)))}
            />
          )}
        </div>
        <Worst ranked={ranked} measure={measure} chosen={isWhole ? undefined : center} />
      </div>
      {map.calls.length > 0 && (
        <p class="muted">
          A thicker line took more time. Red and dashed: more than 1 % of these calls failed, or twice the
          usual share. A click on a box shows the service, a click on a line its traces.
        </p>
      )}
      <MapTables key={measure} map={map} range={range} measure={measure} isHigh={isHigh} />
    </>
  );
}

/** The worst service that calls another or is called; a service alone where there is no such service. */
function worstOf(ranked: readonly Ranked[], { calls }: ServiceMap): string {
  const connected = new Set(calls.flatMap(({ from, to }) => [from, to]));
  const worst = ranked.find(({ service }) => connected.has(service.name)) ?? ranked[0];
  return worst?.service.name ?? '';
}

function isFew({ services }: ServiceMap): boolean {
  return services.filter(({ type }) => type === 'service').length <= MOST_AT_ONCE;
}

/** A button for the map's first view. It leaves the chosen service. */
function Beginning({ label, isOn, by }: { label: string; isOn: boolean; by: RankedBy }) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={() => setParams({ by, all: undefined, service: undefined })}
    >
      {label}
    </button>
  );
}

/** The worst services, each of which can be put into the middle. */
function Worst({
  ranked,
  measure,
  chosen,
}: {
  ranked: readonly Ranked[];
  measure: RankedBy;
  chosen: string | undefined;
}) {
  const shown = ranked.slice(0, WORST);
  return (
    <section class="map-worst plane">
      <h2>{measure === 'errors' ? 'Most failed calls' : 'Most time of their own'}</h2>
      {shown.length === 0 && (
        <p class="muted">{measure === 'errors' ? 'No call failed.' : 'No call took time.'}</p>
      )}
      <ol class="worst-list">
        {shown.map(({ service, value, share }) => (
          <li
            key={`${service.type} ${service.name}`}
            class="choice-row"
            aria-current={service.name === chosen}
          >
            <ServiceLink name={service.name} type={service.type} />
            <button
              type="button"
              class="icon"
              aria-label={`Show ${service.name} in the middle`}
              title="Show in the middle"
              onClick={() => setParams({ service: service.name, by: measure, all: undefined })}
            >
              ◎
            </button>
            <span class="numeric">{measure === 'errors' ? formatCount(value) : formatDuration(value)}</span>
            <span class="numeric muted">{formatShare(Math.round(share * 1000) / 1000)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
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
