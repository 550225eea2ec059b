import { Popover } from '../../../../page/components/overlays/popover.tsx';
import { lazy } from '../../../../page/components/states/lazy.tsx';
import type { ShownTrace } from '../state/use-actions.ts';

const Candidates = lazy(() => import('./candidates.tsx'));

/** Chooses another trace to compare with: one with the same root, or any by its id. */
export function CompareMenu({ shown: { model, state, change } }: { shown: ShownTrace }) {
  const { compare } = state;
  const choose = (traceId: string | undefined) => change({ compare: traceId }, { step: true });
  return (
    <>
      <Popover
        icon="branch"
        label="Compare …"
        button="ghost"
        title="The trace to compare with"
        class="popover compare-list"
      >
        {(close) => (
          <Candidates
            model={model}
            onChoose={(traceId) => {
              close();
              choose(traceId);
            }}
          />
        )}
      </Popover>
      {compare !== undefined && (
        <button type="button" class="ghost" onClick={() => choose(undefined)}>
          Stop comparing with <code>{compare.slice(0, 8)}</code>
        </button>
      )}
    </>
  );
}
