import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { Popover } from '../../../../page/components/overlays/popover.tsx';
import { lazy } from '../../../../page/components/states/lazy.tsx';

const CopyButtons = lazy(() => import('./copy-buttons.tsx'));

/** Copies the trace's id, a link to this view, a context to continue, or a command that repeats the request. */
export function CopyMenu(props: { model: TraceModel; index: number }) {
  return (
    <Popover icon="copy" label="Copy …" button="icon" title="Copy">
      {() => <CopyButtons {...props} />}
    </Popover>
  );
}
