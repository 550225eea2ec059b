import { useEffect } from 'preact/hooks';
import { shownTime, timeParams } from '../../core/places/shown-range.ts';
import { setParams, usePlace } from '../browser/router.ts';
import { useKeys } from '../browser/use-keys.ts';
import { useShownTools } from '../browser/view-tools.ts';
import { Icon } from '../components/icon.tsx';
import { Popover } from '../components/overlays/popover.tsx';
import { lazy } from '../components/states/lazy.tsx';
import { describeTimes, shortTimes } from '../components/times/describe-times.ts';

const TimeList = lazy(async () => ({ default: (await import('./opened.ts')).TimeList }));

/** The time of all views that share it, in the bar at the top: it stands in the address. Nothing in a view without a time. */
export function HeaderTime() {
  const place = usePlace();
  const time = shownTime(place);
  const { refresh, outdated, live } = useShownTools();
  useEffect(() => void TimeList.load().catch(() => {}), []);
  useKeys({ r: refresh, L: live && (() => live.set(!live.on)) }, window);
  return (
    <>
      {outdated && (
        <button type="button" class="ghost" aria-keyshortcuts="r" onClick={refresh}>
          <Icon name="refresh" />
          Show new spans
        </button>
      )}
      {live?.on && (
        <span class="live-mark" role="img" aria-label="Live" title="New data is shown as it comes" />
      )}
      {time !== undefined && (
        <Popover
          title="Time"
          class="time-list"
          button="shell-time"
          about={typeof time.range === 'object' ? describeTimes(time.range) : undefined}
          icon="clock"
          label={
            <>
              <span class="visually-hidden">Time: </span>
              <span class="ellipsis">{shortTimes(time)}</span>
            </>
          }
          hasMark
        >
          {(close) => (
            <TimeList
              {...time}
              onChoose={(range) => {
                close();
                setParams(timeParams(place, range));
              }}
            />
          )}
        </Popover>
      )}
    </>
  );
}
