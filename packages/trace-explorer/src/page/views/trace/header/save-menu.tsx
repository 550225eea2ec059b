import type { TraceModel } from '../../../../traces/model/trace-model.ts';
import { Popover } from '../../../components/overlays/popover.tsx';
import { lazy } from '../../../components/states/lazy.tsx';

const Files = lazy(() => import('./save-files.tsx'));

/** Saves the trace as OTLP JSON, as a page, or as a picture. */
export function SaveMenu({ model: { traceId } }: { model: TraceModel }) {
  return (
    <Popover label="Save …" title="The trace as a file" class="popover save-menu">
      {() => <Files traceId={traceId} />}
    </Popover>
  );
}
