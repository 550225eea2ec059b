import { useState } from 'preact/hooks';
import type { Range } from '../../../../core/places/range.ts';
import { timedPath } from '../../../../core/places/shown-range.ts';
import type { Cause } from '../../../../core/problems/schemas.ts';
import { send } from '../../../../page/api/api.ts';
import { ErrorState } from '../../../../page/components/states/error-state.tsx';

/** Hides the cause as known at once, and offers to undo it; or shows it again. */
export function HideButton({ cause, range, onChange }: { cause: Cause; range: Range; onChange: () => void }) {
  const [error, setError] = useState<Error>();
  const [isJustHidden, setJustHidden] = useState(false);
  const change = () => {
    setError(undefined);
    const path = `/api/causes/${encodeURIComponent(cause.id)}/known`;
    const sent = cause.hidden ? send('DELETE', path) : send('PUT', timedPath(path, range));
    sent.then(() => {
      setJustHidden(!cause.hidden);
      onChange();
    }, setError);
  };
  return (
    <>
      {cause.hidden && (
        <span class="faint" role="status">
          Hidden until it has twice the share, or the service a new version.
        </span>
      )}
      <button
        type="button"
        onClick={change}
        title="Until it has twice the share of now, or the service a new version"
      >
        {!cause.hidden ? 'Hide as known' : isJustHidden ? 'Undo' : 'Show again'}
      </button>
      {error !== undefined && <ErrorState error={error} onRetry={change} />}
    </>
  );
}
