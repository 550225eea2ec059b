// biome-ignore-all lint/a11y/useSemanticElements: rows are placed one by one out of 100,000, which a table's elements cannot be
// biome-ignore-all lint/a11y/useFocusableInteractive: the tree grid has the focus, aria-activedescendant says which row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the tree grid takes the keys, see keyboard.ts

import { visibleName } from '../../../../core/shared/harmless-text.ts';
import { counted } from '../../../../core/shared/words.ts';
import { errorText } from '../../../../core/traces/findings/error-order.ts';
import { changedItself } from '../../../../core/traces/model/compare-traces.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { linkedWords, waitWords } from '../../../../core/traces/model/waits.ts';
import { ROW_HEIGHT } from '../../../../page/components/long-lists/virtual-rows.ts';
import { formatCount, formatDuration } from '../../../../page/values/format.ts';
import { baseDepth, closedRun, isFolded, openRun } from '../state/folding.ts';
import type { ClosedRun } from '../state/runs.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { Bar, RunBars } from './bar.tsx';

export interface SpanRowProps {
  readonly id: string;
  readonly shown: ShownTrace;
  readonly index: number;
  /** Position among the visible rows. */
  readonly row: number;
  readonly selected: boolean;
  /** Width of the time line in pixels. */
  readonly line: number;
  /** Pixels of indentation per level. */
  readonly indent: number;
  readonly onOpen: (index: number) => void;
}

/** From this level on, spans show their level as a number instead of more indentation. */
export const MAX_INDENTS = 24;

/** One span: its depth in the tree, its name, extra fields and its bar. */
export function SpanRow({ id, shown, index, row, selected, line, indent, onOpen }: SpanRowProps) {
  const { model, columns, folding, matches } = shown;
  const name = visibleName(model.name(index));
  const run = closedRun(folding, index);
  const folded = isFolded(model, folding, index);
  const logs = shown.logs.byIndex.get(index) ?? [];
  const depth = (model.depth[index] ?? 0) - baseDepth(model, folding);
  const linked = model.linkedTo(index);
  const hasBelow = folding.kept === undefined && (model.children[index] ?? 0) > 0;
  const isMatch = (run?.indexes ?? [index]).some((each) => matches?.has(each));
  const level = Math.min(depth, MAX_INDENTS) * indent;
  const classes = [
    'span-row placed-row',
    selected && 'selected',
    matches && (isMatch ? 'matched' : 'dimmed'),
    model.comparison?.(index).difference,
  ];
  return (
    <div
      role="row"
      id={id}
      class={classes.filter(Boolean).join(' ')}
      aria-label={rowText(model, index, logs.length, run)}
      aria-rowindex={row + 2}
      aria-level={depth + 1}
      aria-expanded={run !== undefined || hasBelow ? run === undefined && !folded : undefined}
      aria-selected={selected}
      style={{ '--top': `${row * ROW_HEIGHT}px` }}
      onClick={() => shown.select(index)}
      onDblClick={() => onOpen(index)}
    >
      <div
        role="gridcell"
        class="span-name"
        style={{ paddingLeft: `${level + 4}px`, '--level': `${level}px`, '--indent': `${indent}px` }}
      >
        <Folds shown={shown} index={index} />
        <Marks model={model} index={index} folded={folded} />
        {depth > MAX_INDENTS && <span class="span-depth">{depth + 1}</span>}
        <span class="service-mark" style={{ background: shown.coloring.colorOf(index) }} aria-hidden="true" />
        <span class="span-title ellipsis" title={`${model.service(index)} · ${model.name(index)}`}>
          <bdi>{name}</bdi>
        </span>
        {run !== undefined && <span class="run-count">× {formatCount(run.indexes.length)}</span>}
        {linked.length > 0 && (
          <button
            type="button"
            tabIndex={-1}
            class="links-chip"
            aria-pressed={shown.state.linked}
            title="o"
            onClick={(event) => {
              event.stopPropagation();
              shown.change({ linked: !shown.state.linked });
            }}
          >
            {linkedWords(linked)}
          </button>
        )}
      </div>
      <div role="gridcell" class="span-service ellipsis muted" title={model.service(index)}>
        {model.service(index)}
      </div>
      {columns.map(({ name, textOf }) => (
        <div role="gridcell" key={name} class="span-extra ellipsis" title={textOf?.(index)}>
          {textOf?.(index) ?? ''}
        </div>
      ))}
      <div role="gridcell" class="span-time">
        {run === undefined ? (
          <Bar shown={shown} index={index} line={line} logs={logs} />
        ) : (
          <RunBars shown={shown} run={run} line={line} />
        )}
      </div>
    </div>
  );
}

/** The boxes before a name: with the number of children, and with that of equal siblings. They fold and unfold. */
function Folds({ shown, index }: { shown: ShownTrace; index: number }) {
  const { folding } = shown;
  const run = closedRun(folding, index);
  if (run !== undefined) {
    const count = formatCount(run.indexes.length);
    return (
      <FoldBox
        text={`×${count}`}
        label={`Show ${count} equal spans one by one`}
        isFolded
        onToggle={() => shown.toggle(index)}
      />
    );
  }
  const first = openRun(folding, index);
  const siblings = first === index ? folding.runs.byFirst.get(first) : undefined;
  return (
    <>
      {siblings !== undefined && (
        <FoldBox
          text={`×${formatCount(siblings.indexes.length)}`}
          label={`Make one row of ${formatCount(siblings.indexes.length)} equal spans`}
          onToggle={() => shown.closeRun(index)}
        />
      )}
      <Fold shown={shown} index={index} />
    </>
  );
}

function Fold({ shown: { model, folding, toggle }, index }: { shown: ShownTrace; index: number }) {
  const children = model.children[index] ?? 0;
  if (children === 0 || folding.kept !== undefined) return <span class="fold-none" />;
  const below = formatCount((model.end[index] ?? 0) - index - 1);
  const folded = isFolded(model, folding, index);
  const [text, label] = folded
    ? [`+${below}`, `Show ${below} spans below`]
    : [
        formatCount(children),
        `Hide the spans below ${children === 1 ? '1 child' : `${formatCount(children)} children`}`,
      ];
  return <FoldBox text={text} label={label} isFolded={folded} onToggle={() => toggle(index)} />;
}

interface FoldBoxProps {
  readonly text: string;
  readonly label: string;
  readonly isFolded?: boolean;
  readonly onToggle: () => void;
}

function FoldBox({ text, label, isFolded: folded = false, onToggle }: FoldBoxProps) {
  return (
    <button
      type="button"
      tabIndex={-1}
      class={folded ? 'fold folded' : 'fold'}
      aria-label={label}
      title={label}
      onClick={(event) => {
        event.stopPropagation();
        onToggle();
      }}
    >
      {text}
    </button>
  );
}

/** Signs of an error, of a hidden error and of an oddity. Each sign has words for a screen reader. */
function Marks({ model, index, folded }: { model: TraceModel; index: number; folded: boolean }) {
  const below = folded ? (model.errorsWithin[index] ?? 0) - (model.error[index] ?? 0) : 0;
  const odd = model.marks(index).filter((mark) => mark !== 'clock_adjusted');
  const comparison = model.comparison?.(index);
  const itself = comparison !== undefined && changedItself(comparison, model.length[index] ?? 0);
  return (
    <>
      {model.error[index] === 1 && (
        <span class="error-mark" role="img" aria-label="Error" title={errorText(model, index)}>
          ✗
        </span>
      )}
      {below > 0 && (
        <span class="error-mark" title="Errors in the folded spans">
          ✗{below}
          <span class="visually-hidden"> errors below</span>
        </span>
      )}
      {odd.length > 0 && (
        <span
          class="odd-mark"
          role="img"
          aria-label={odd.map(wordsOf).join(', ')}
          title={odd.map(wordsOf).join(', ')}
        >
          ⚠
        </span>
      )}
      {comparison !== undefined && comparison.difference !== 'same' && (
        <span class={`difference difference-${comparison.difference}${itself ? '' : ' difference-below'}`}>
          {comparison.difference === 'slower' || comparison.difference === 'faster' ? (
            <>
              <span class="visually-hidden">{comparison.difference} by </span>
              {signed((model.length[index] ?? 0) - comparison.otherDuration)}
              {!itself && ' below'}
            </>
          ) : (
            comparison.difference
          )}
        </span>
      )}
    </>
  );
}

function signed(nanoseconds: number): string {
  return `${nanoseconds < 0 ? '−' : '+'}${formatDuration(Math.abs(nanoseconds) / 1e6)}`;
}

/** The words of a row for a screen reader: the span's name first, then its service, duration and marks. */
function rowText(model: TraceModel, index: number, lines: number, run: ClosedRun | undefined): string {
  const wait = model.wait(index);
  const parts = [
    `${visibleName(model.name(index))}${run === undefined ? '' : `, ${formatCount(run.indexes.length)} times`}`,
    model.service(index),
    formatDuration((run?.together ?? model.length[index] ?? 0) / 1e6),
    model.error[index] === 1 ? `error: ${errorText(model, index)}` : '',
    ...model.marks(index).map(wordsOf),
    wait === undefined ? '' : waitWords(wait),
    linkedWords(model.linkedTo(index)),
    lines === 0 ? '' : counted(lines, 'log line'),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** A mark's code in words. */
export function wordsOf(mark: string): string {
  return mark.replaceAll('_', ' ');
}
