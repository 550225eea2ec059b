import { useState } from 'preact/hooks';
import { callParts } from '../../../../core/traces/model/call-parts.ts';
import { formatCount, formatDuration } from '../../../../page/values/format.ts';
import type { ClosedRun } from '../state/runs.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { CallParts } from './call-parts.tsx';

interface TitledBarProps {
  readonly shown: ShownTrace;
  readonly index: number;
  readonly run: ClosedRun | undefined;
  readonly class: string;
  readonly style: Readonly<Record<string, string>>;
}

/** A bar with what it says in its title; of a call, with its parts while the pointer is on the bar. */
export function TitledBar({ shown, index, run, ...bar }: TitledBarProps) {
  const [isOver, setOver] = useState(false);
  const title = run === undefined ? barTitle(shown, index) : runTitle(shown, run);
  if (run !== undefined || callParts(shown.model, index).length === 0) return <span {...bar} title={title} />;
  return (
    <>
      <span {...bar} onPointerEnter={() => setOver(true)} onPointerLeave={() => setOver(false)} />
      {isOver && (
        <div ref={showTip} class="call-tip" popover="manual" aria-hidden="true">
          <p class="inset">{title}</p>
          <CallParts model={shown.model} index={index} />
        </div>
      )}
    </>
  );
}

function showTip(tip: HTMLElement | null): void {
  tip?.showPopover();
}

/** A bar in words, including its ring and the line below it. */
function barTitle({ model, criticalPath }: ShownTrace, index: number): string {
  const time = (nanoseconds: number) => formatDuration(nanoseconds / 1e6);
  const critical = criticalPath?.time(index) ?? 0;
  const parts = [
    `${model.name(index)} of ${model.service(index)}: ${time(model.length[index] ?? 0)}`,
    model.error[index] === 1 ? 'failed, as the ring says' : '',
    critical > 0 ? `on the critical path for ${time(critical)}` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function runTitle({ model }: ShownTrace, { indexes, together, longest }: ClosedRun): string {
  const [first = -1] = indexes;
  return `${formatCount(indexes.length)} × ${model.name(first)} of ${model.service(first)}: ${formatDuration(together / 1e6)} together, the longest ${formatDuration(longest / 1e6)}`;
}
