import type { Cause } from '../../../../core/problems/schemas.ts';
import { countOf } from '../../../../core/problems/units.ts';
import { counted } from '../../../../lib/text/words.ts';
import { Facts } from '../../../../page/components/facts.tsx';
import { about, formatCount, formatDuration, formatShare } from '../../../../page/values/format.ts';
import { countTexts, isBad, sinceText } from './cause-words.ts';

/** How many, since when, for whom, and how much it costs. */
export function CauseFacts({ cause }: { cause: Cause }) {
  const { failed, traces, lost_ms, seen, users_total = 0, versions } = cause;
  const [count, of] = countTexts(cause);
  const { unit, count: counts } = countOf(cause);
  const ofStored = seen !== undefined && 'of the stored traces';
  const withShare = (value: string, of: string) => (
    <>
      {value} <span class="meta faint">{of}</span>
    </>
  );
  return (
    <Facts
      facts={[
        [
          `${unit[0]?.toUpperCase()}${unit.slice(1)}s`,
          withShare(seen === undefined ? formatCount(counts) : count, of),
          isBad(cause),
        ],
        [
          'Failed',
          failed === 0
            ? ''
            : withShare(
                about(formatCount(failed), seen),
                `${formatShare(failed / traces)} of ${counts === traces ? 'these' : counted(traces, 'trace')}`,
              ),
          isBad(cause),
        ],
        [
          'When',
          <>
            {cause.new && <span class="tag new">New</span>} {sinceText(cause)}
          </>,
        ],
        ['Time lost', lost_ms === 0 ? '' : about(formatDuration(lost_ms), seen)],
        [
          'Users',
          users_total === 0
            ? ''
            : withShare(
                formatCount(users_total),
                `${users_total === 1 ? '' : 'most: '}${cause.user}${ofStored ? `, ${ofStored}` : ''}`,
              ),
        ],
        [
          versions.length === 1 ? 'Version' : 'Versions',
          versions.length === 0 ? '' : withShare(versions.join(', '), ofStored || ''),
        ],
      ]}
    />
  );
}
