import { useState } from 'preact/hooks';
import type { Status } from '../../core/status.ts';
import type { Load } from '../api/use-load.ts';
import { Icon } from '../components/icon.tsx';
import { ErrorText } from '../components/states/error-state.tsx';
import { refusedTexts } from './stored-text.ts';

export interface HealthStripProps {
  readonly load: Pick<Load<Status>, 'value' | 'error'>;
  readonly onDetails: () => void;
}

/**
 * Problems of the pipeline at the foot of every view: no answer or no session, unless the view itself says so, because it shows
 * nothing else; refused data, and notices of the store. Empty without problems.
 */
export function HealthStrip({ load: { value: status, error }, onDetails }: HealthStripProps) {
  const notices = status?.notices ?? [];
  const refused = status === undefined ? [] : refusedTexts(status);
  const said = [...refused, ...notices].join();
  const [away, setAway] = useState('');
  if (error === undefined && (said === '' || said === away)) return null;
  return (
    <footer class="health band line">
      {error !== undefined && (
        <p role="alert" class="error-text">
          <Icon name="error" /> <ErrorText error={error} />
        </p>
      )}
      {refused.length > 0 && (
        <p class="error-text">
          <Icon name="error" /> {refused.join(' · ')}
        </p>
      )}
      {notices.map((notice) => (
        <p key={notice} class="warning-text" role="status">
          <Icon name="alert" /> {notice}
        </p>
      ))}
      {status !== undefined && (
        <>
          <button type="button" onClick={onDetails}>
            Details
          </button>
          <button type="button" title="Until there is something new" onClick={() => setAway(said)}>
            Put away
          </button>
        </>
      )}
    </footer>
  );
}
