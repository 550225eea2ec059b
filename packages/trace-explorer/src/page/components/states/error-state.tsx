import { ApiError, isUnreachable } from '../../api/api.ts';
import { secondsUntilRetry } from '../../api/use-retry.ts';
import { Icon } from '../icon.tsx';

/**
 * An error in words, with a button to try again. Says when the page tries again automatically. Where no request gets through,
 * the foot of the page says so once, and every part keeps its last content.
 */
export function ErrorState({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { details = [] } = error instanceof ApiError ? error.refusal : {};
  const seconds = secondsUntilRetry(error);
  if (isUnreachable(error)) return null;
  return (
    <div class="state error-state column" role="alert">
      <p class="strip by-text">
        <span class="error-text">
          <Icon name="error" />
        </span>
        {details.length > 1 ? 'The question cannot be answered:' : error.message}
      </p>
      {details.length > 1 && (
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
