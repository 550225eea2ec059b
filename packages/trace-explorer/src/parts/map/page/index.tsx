import { useMemo, useRef, useState } from 'preact/hooks';
import type { Place } from '../../../core/places/place.ts';
import { anyText, readParams } from '../../../core/places/read-params.ts';
import { shownRange, timedPath, USUAL_SECONDS } from '../../../core/places/shown-range.ts';
import { getJson } from '../../../page/api/api.ts';
import { useLive } from '../../../page/api/use-live.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { setParams } from '../../../page/browser/router.ts';
import { useViewTools } from '../../../page/browser/view-tools.ts';
import { Card } from '../../../page/components/cards/card.tsx';
import { IconButton } from '../../../page/components/inputs/icon-button.tsx';
import { Segmented } from '../../../page/components/inputs/segmented.tsx';
import { Meter } from '../../../page/components/meter.tsx';
import { ServiceLink } from '../../../page/components/services/service-name.tsx';
import { Busy } from '../../../page/components/states/busy.tsx';
import { ErrorState } from '../../../page/components/states/error-state.tsx';
import { Estimated } from '../../../page/components/states/estimated.tsx';
import { Stale } from '../../../page/components/states/stale.tsx';
import { NothingInTime } from '../../../page/start/before-spans.ts';
import { about, formatCount, formatDuration, formatShare } from '../../../page/values/format.ts';
import type { ServiceMap } from '../server/schemas.ts';
import { Neighbours } from './neighbours.tsx';
import { Picture } from './picture.tsx';
import type { Ranked, RankedBy } from './ranked.ts';
import { rankedBy } from './ranked.ts';
import type { ShownMap } from './shown-map.ts';
import { isHigh } from './shown-map.ts';
import { MapTables } from './tables.tsx';

/** With more services or calls, too many lines would cross: then the map is one service and its neighbours. */
const MOST_SERVICES = 25;
const MOST_CALLS = 80;
/** Services of the list beside the picture. */
const WORST = 10;

const MAP_PARAMS = {
  // What is in the middle.
  service: anyText,
  by: ['errors', 'time'],
  show: ['tables'],
} as const;

/** Which service calls which, how often, how fast and with how many errors. A click shows the service, or the calls. */
export default function MapView({ place }: ViewProps) {
  const range = shownRange(place) ?? USUAL_SECONDS;
  const path = timedPath('/api/map', range);
  const load = useLoad(
    async (signal) => ({
      range,
      map: await getJson<ServiceMap>(path, signal),
      layOut: (await import('./layout/lay-out.ts')).layOut,
    }),
    [path],
  );
  const { value, error, busy, reload, cancel } = load;
  const nothing = value?.map.services.length === 0;
  useLive(() => nothing && reload());
  useViewTools({ refresh: reload });
  return (
    <>
      <h1 class="visually-hidden">Service map</h1>
      {error !== undefined && <ErrorState error={error} onRetry={reload} isAll={value === undefined} />}
      {busy && <Busy what="Reading the map" onCancel={cancel} />}
      {value !== undefined && (
        <Stale load={load}>
          <MapParts {...value} params={place.params} />
        </Stale>
      )}
    </>
  );
}
MapView.params = () => MAP_PARAMS;

type MapPartsProps = Omit<ShownMap, 'measure' | 'onWide'> & Pick<Place, 'params'>;

function MapParts({ params, ...read }: MapPartsProps) {
  const { map, range } = read;
  const { service: wanted, by, show } = readParams(MAP_PARAMS, params);
  const fails = map.services.some(isHigh);
  const measure: RankedBy = by ?? (fails ? 'errors' : 'time');
  const [isWide, setWide] = useState(false);
  const ranked = useMemo(() => rankedBy(measure, map), [map, measure]);
  // The service in the middle stays there while the range slides, until a person chooses another one.
  const held = useRef({ measure, name: '' });
  const isHeld =
    held.current.measure === measure && ranked.some(({ service }) => service.name === held.current.name);
  if (!isHeld) held.current = { measure, name: worstOf(ranked, map) };
  if (map.services.length === 0) return <NothingInTime range={range} />;
  const own = map.services.filter(({ type }) => type === 'service');
  const hasWhole = own.length <= MOST_SERVICES && map.calls.length <= MOST_CALLS;
  const isWhole = hasWhole && wanted === undefined && by === undefined;
  const center = wanted ?? held.current.name;
  const shows = show ?? (isWhole ? 'whole' : measure);
  const shown = { ...read, measure, onWide: setWide };
  return (
    <>
      <div class="map-shows placed line">
        <Segmented
          label="What is shown"
          value={shows}
          choices={[
            ['errors', 'Path of errors'],
            ['time', 'Path of time'],
            ...(hasWhole ? [['whole', 'Whole map'] as const] : []),
            ['tables', 'Tables'],
          ]}
          onChoose={(chosen) =>
            setParams(
              chosen === 'tables'
                ? { show: 'tables' }
                : { show: undefined, by: chosen === 'whole' ? undefined : chosen, service: undefined },
            )
          }
        />
        <Estimated of={map} part="Calls between services" />
      </div>
      {shows === 'tables' ? (
        <MapTables key={measure} {...shown} />
      ) : (
        <div class="map-parts">
          {isWhole || center === '' ? (
            <WholePicture {...shown} inSight={center} />
          ) : (
            <Neighbours key={center} {...shown} name={center} />
          )}
          <p class="map-key meta strip">
            <i aria-hidden="true" /> more time
            <i class="error-text" aria-hidden="true" />
            <span
              class="error-text"
              title="More than 1 %, or twice the usual share, and not passed on by a call"
            >
              failures begin here
            </span>
          </p>
          <Worst
            ranked={ranked}
            measure={measure}
            chosen={isWhole ? undefined : center}
            isOverDrawing={isWide}
          />
        </div>
      )}
    </>
  );
}

function WholePicture(props: ShownMap & { readonly inSight: string }) {
  const { services, calls } = props.map;
  const graph = useMemo(
    () => ({
      boxes: services.map((service) => ({ key: service.name, service })),
      calls: calls.map((call) => ({ call, from: call.from, to: call.to })),
    }),
    [services, calls],
  );
  return <Picture {...props} graph={graph} />;
}

/** The worst service that calls another or is called; a service alone where there is no such service. */
function worstOf(ranked: readonly Ranked[], { calls }: ServiceMap): string {
  const connected = new Set(calls.flatMap(({ from, to }) => [from, to]));
  const worst = ranked.find(({ service }) => connected.has(service.name)) ?? ranked[0];
  return worst?.service.name ?? '';
}

interface WorstProps {
  readonly ranked: readonly Ranked[];
  readonly measure: RankedBy;
  readonly chosen: string | undefined;
  /** Whether it would lie over the drawing: then it is folded, until a person unfolds it. */
  readonly isOverDrawing: boolean;
}

/** The worst services, each of which can be put into the middle. */
function Worst({ ranked, measure, chosen, isOverDrawing }: WorstProps) {
  const [isUnfolded, setUnfolded] = useState(false);
  const isFolded = isOverDrawing && !isUnfolded;
  const shown = ranked.slice(0, WORST);
  const most = Math.max(1, ...shown.map(({ value }) => value));
  const isErrors = measure === 'errors';
  const format = isErrors ? formatCount : formatDuration;
  return (
    <Card
      class={isFolded ? 'map-worst folded card' : 'map-worst card'}
      title={isErrors ? 'Most failed calls' : 'Most time of their own'}
      tools={
        <>
          <span class="faint">
            share of{' '}
            {about(
              format(ranked.reduce((sum, { value }) => sum + value, 0)),
              ranked.some(({ service }) => service.stored !== undefined),
            )}
          </span>
          {isOverDrawing && (
            <IconButton
              icon={isFolded ? 'chevron-right' : 'chevron-down'}
              label="The list"
              title={isFolded ? 'Show the list' : 'Hide the list'}
              aria-expanded={!isFolded}
              onPress={() => setUnfolded(isFolded)}
            />
          )}
        </>
      }
    >
      {shown.length === 0 && <p class="muted inset">{isErrors ? 'No call failed.' : 'No call took time.'}</p>}
      <ol class="worst-list lined" hidden={isFolded}>
        {shown.map(({ service, value, share }) => (
          <li
            key={`${service.type} ${service.name}`}
            class="choice-row parts"
            aria-current={service.name === chosen}
          >
            <button
              type="button"
              class="plain cover row-link"
              data-row
              aria-label={`Show ${service.name} in the middle`}
              title="Show in the middle"
              onClick={() => setParams({ service: service.name, by: measure })}
            />
            <ServiceLink name={service.name} type={service.type} />
            <span class={isErrors ? 'numeric error-text' : 'numeric'}>
              {about(format(value), service.stored)} ({formatShare(Math.round(share * 1000) / 1000)})
            </span>
            <span class="whole">
              <Meter share={value / most} color={isErrors ? 'var(--err)' : undefined} />
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
