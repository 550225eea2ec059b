import { ApiError } from '../../api/api.ts';
import { secondsUntilRetry } from '../../api/use-retry.ts';

/** An error in words, with a button to try again. Says when the page tries again automatically. */
export function ErrorState({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const details = error instanceof ApiError && error.details.length > 1 ? error.details : [];
  const seconds = secondsUntilRetry(error);
  if (error instanceof ApiError && error.status === 401) return <LoggedOut />;
  return (
    <div class="state error-state" role="alert">
      <p>
        <span class="error-mark" aria-hidden="true">
          ✗
        </span>{' '}
        {details.length > 0 ? 'The question cannot be answered:' : error.message}
      </p>
      {details.length > 0 && (
        <ul>
          {details.map(({ field, description }) => (
            <li key={field}>
              <code>{field}</code> {description}
            </li>
          ))}
        </ul>
      )}
      {seconds !== undefined && <p>The page tries again in {seconds} s.</p>}
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

/** The session has ended, or the explorer has another token. The login leads back to this view. */
function LoggedOut() {
  const here = location.pathname + location.search;
  return (
    <div class="state error-state" role="alert">
      <p>
        <span class="error-mark" aria-hidden="true">
          ✗
        </span>{' '}
        You are no longer logged in to the explorer.
      </p>
      <a class="button" href={`/login?${new URLSearchParams({ path: here })}`}>
        Log in again
      </a>
    </div>
  );
}
