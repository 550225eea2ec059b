import { secondsOf } from '../../../../core/places/shown-range.ts';
import { COMPARE_OFFSETS } from '../../../../core/query/parse/compare-offsets.ts';
import type { QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import { Choose } from '../../../../page/components/inputs/choose.tsx';
import { describeSeconds } from '../../../../page/components/times/describe-times.ts';
import { rangeOf } from '../../with-query-range.ts';
import type { QueryDraft } from '../shown-query.ts';

/** Widths of a point in seconds that are easy to read. */
const GRANULARITIES = [
  1, 5, 15, 30, 60, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400, 604_800, 2_592_000,
];
/** Honeycomb's limit on the points of a line. */
const MAX_POINTS = 1000;

/** The clauses COMPARE TO (the same query at an earlier time) and GRANULARITY (the seconds of a point). */
export function ComparedPeriod({ query, change }: QueryDraft) {
  const { granularity, compare_time_offset_seconds: offset } = query;
  const set = (key: 'granularity' | 'compare_time_offset_seconds') => (value: string | undefined) => {
    const { [key]: _, ...others } = query;
    change((value === undefined ? others : { ...others, [key]: Number(value) }) as QuerySpecInput);
  };
  const range = Math.max(1, secondsOf(rangeOf(query)));
  const widths = GRANULARITIES.filter(
    (each) => each === granularity || (each >= range / MAX_POINTS && each <= range),
  );
  // Not a shorter offset: the two ranges would overlap.
  const offsets = COMPARE_OFFSETS.filter((each) => each === offset || each >= range);
  return (
    <>
      <Choose
        label="Compare to"
        none="nothing"
        value={offset ? String(offset) : undefined}
        choices={offsets.map((each) => [String(each), `${describeSeconds(each)} earlier`])}
        onChoose={set('compare_time_offset_seconds')}
      />
      <Choose
        label="Granularity"
        none="by the range"
        value={granularity ? String(granularity) : undefined}
        choices={widths.map((each) => [String(each), describeSeconds(each)])}
        onChoose={set('granularity')}
      />
    </>
  );
}
