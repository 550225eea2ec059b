import { Icon } from '../../../page/components/icon.tsx';

/** Says that the API did not answer this page, and what to look at. */
export function NoAnswer({ problem, onRetry }: { problem: string; onRetry?: () => void }) {
  return (
    <div class="prose notice" role="alert">
      <p>
        <Icon name="alert" /> {problem}
      </p>
      <p>
        Start the services. If they run, the browser’s console says why it refused the request: the API allows
        pages of EXPLORER_URL and CORS_ORIGINS, and the headers that its CORS names. This page is of{' '}
        <code>{location.origin}</code>. If the API runs elsewhere, set BACKEND_URL.
        {onRetry !== undefined && ' It describes its routes unless EXPOSE_DOCUMENTATION is false.'}
      </p>
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
