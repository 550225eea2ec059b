import type { Stall } from '../../../../core/traces/model/stalls.ts';
import { lengthOfAll, stallsOf, standstillsOf } from '../../../../core/traces/model/stalls.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { formatDuration } from '../../../../page/values/format.ts';
import type { LineRange } from '../state/geometry.ts';
import { Stretch } from './stretch.tsx';

interface StallBarsProps {
  readonly model: TraceModel;
  readonly indexes: readonly number[];
  readonly range: LineRange;
}

/** Where the process of some spans stood still, over their bars, and before the bar of a request that it could not begin. */
export function StallBars({ model, indexes, range }: StallBarsProps) {
  const stalls = indexes.flatMap((index) => stallsOf(model, index));
  // Equal siblings stood still together.
  const drawn = new Map(stalls.map((stall) => [`${stall.from} ${stall.until}`, stall]));
  return [...drawn].map(([key, stall]) => (
    <Stretch
      key={key}
      class="bar-stall"
      title={stallText(stall)}
      offset={stall.from}
      length={stall.until - stall.from}
      range={range}
    />
  ));
}

function stallText({ from, until, kind, where }: Stall): string {
  const parts = [`stood still for ${formatDuration((until - from) / 1e6)}`, kind.replaceAll('_', ' '), where];
  return parts.filter(Boolean).join(', ');
}

/** The sign of a process that stood still, with how long each did. Nothing where none did. */
export function StallLegend({ model }: Pick<StallBarsProps, 'model'>) {
  const services = Map.groupBy(standstillsOf(model), ({ at }) => model.service(at));
  const entries = [...services].map(([name, own]) => `${name} ${formatDuration(lengthOfAll(own) / 1e6)}`);
  const text = entries.join(', ');
  return entries.length === 0 ? null : (
    <p class="stall-legend strip firm meta" style={{ maxWidth: '45%' }} title={text}>
      <span class="service-mark waiting" aria-hidden="true" />
      <span class="ellipsis">
        stood still: <bdi>{text}</bdi>
      </span>
    </p>
  );
}
