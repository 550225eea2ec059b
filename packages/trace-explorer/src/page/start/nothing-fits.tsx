import { Fragment } from 'preact';
import { Link } from '../components/link.tsx';
import { EmptyState } from '../components/states/empty-state.tsx';
import { firstRequests } from './first-requests.ts';

interface NothingFitsProps {
  /** The things of the list, in the singular and in the plural. */
  readonly one: string;
  readonly all: string;
  /** Whether a person narrowed the list, and whether to a time. */
  readonly isNarrowed: boolean;
  readonly isTimed: boolean;
  readonly how: string;
}

/** Says why a list is empty, and what to do. */
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
        {firstRequests().map(({ label, place }) => (
          <Fragment key={label}>
            Send a request from <Link to={place}>{label}</Link>.{' '}
          </Fragment>
        ))}
        {how}
      </p>
    </EmptyState>
  );
}
