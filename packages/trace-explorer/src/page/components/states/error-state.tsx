import { ApiError, isUnreachable } from '../../api/api.ts';
import { secondsUntilRetry } from '../../api/use-retry.ts';
import { Icon } from '../icon.tsx';

interface ErrorStateProps {
  readonly error: Error;
  readonly onRetry: () => void;
  /** The button's word. */
  readonly action?: string;
  /** Whether it is all that a view shows. */
  readonly isAll?: boolean | undefined;
}

/**
 * An error in words, with a button to try again. Says when the page tries again automatically. Where no request gets through,
 * the foot of the page says so once, and every part keeps its last content; a view that has none says so itself.
 */
export function ErrorState({ error, onRetry, action = 'Try again', isAll = false }: ErrorStateProps) {
  const { details = [] } = error instanceof ApiError ? error.refusal : {};
  const seconds = secondsUntilRetry(error);
  const isAway = isUnreachable(error);
  if (isAway && !isAll) return null;
  return (
    <div class={`state error-state column${isAway ? ' no-answer' : ''}`} role="alert">
      <p class="strip by-text">
        <span class="error-text">
          <Icon name="error" />
        </span>
        {details.length > 1 ? 'The question cannot be answered:' : <ErrorText error={error} />}
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
      {!hasEnded(error) && (
        <button type="button" onClick={onRetry}>
          {action}
        </button>
      )}
    </div>
  );
}

/** Whether the session has ended. */
function hasEnded(error: Error): boolean {
  return error instanceof ApiError && error.status === 401;
}

/** What an error says; where the session has ended, with the way back. */
export function ErrorText({ error }: { error: Error }) {
  if (!hasEnded(error)) return <span>{error.message}</span>;
  return (
    <span>
      You are no longer logged in to the explorer.{' '}
      <a href={`/login?path=${encodeURIComponent(location.pathname + location.search)}`}>Log in again</a>
    </span>
  );
}
