import { ApiError } from '../api.ts';

/** What went wrong, in words, and a way to try again. */
export function ErrorState({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const details = error instanceof ApiError && error.details.length > 1 ? error.details : [];
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
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
