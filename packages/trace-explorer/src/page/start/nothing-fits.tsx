import type { Place } from '../../core/places/place.ts';
import { hrefOf } from '../../core/places/place.ts';
import { pageSettings } from '../browser/settings.ts';
import { Link } from '../components/link.tsx';
import { EmptyState } from '../components/states/empty-state.tsx';

const TRY: Place = { view: 'try', params: {} };

interface NothingFitsProps {
  /** The things of the list, in the singular and in the plural. */
  readonly one: string;
  readonly all: string;
  /** Whether a person narrowed the list, and whether to a time. */
  readonly isNarrowed: boolean;
  readonly isTimed: boolean;
  readonly how: string;
}

/** Says why a list is empty, and what to do. Where the two services are, *Try it* is a way to get traces. */
export function NothingFits({ one, all, isNarrowed, isTimed, how }: NothingFitsProps) {
  if (isNarrowed)
    return (
      <EmptyState title={`No ${one} fits the filters`}>
        <p>Remove one of them, or take a longer time.</p>
      </EmptyState>
    );
  return (
    <EmptyState title={`No ${all} ${isTimed ? 'in this time' : 'yet'}`}>
      <p>
        {isTimed && 'Take a longer time. '}
        {pageSettings.apiUrl !== '' && hrefOf(TRY) !== undefined && (
          <>
            Send a request from <Link to={TRY}>Try it</Link>.{' '}
          </>
        )}
        {how}
      </p>
    </EmptyState>
  );
}
