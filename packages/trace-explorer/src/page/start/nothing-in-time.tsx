import type { Status } from '../../core/status.ts';
import { useLive } from '../api/use-live.ts';
import { useJson } from '../api/use-load.ts';
import { Loaded } from '../components/states/loaded.tsx';
import { isBeforeSpans, StartPage } from './before-spans.ts';
import type { WantedSpans } from './no-spans-in.tsx';
import { NoSpansIn } from './no-spans-in.tsx';

/** For a view that found nothing: how to send a first span, or when the stored ones came. */
export default function NothingInTime(wanted: WantedSpans) {
  const load = useJson<Status>('/api/status');
  const { value, reload } = load;
  useLive(() => value !== undefined && isBeforeSpans(value) && reload());
  return (
    <Loaded load={load} what="Looking for the reason">
      {(status) => (isBeforeSpans(status) ? <StartPage /> : <NoSpansIn {...wanted} status={status} />)}
    </Loaded>
  );
}
