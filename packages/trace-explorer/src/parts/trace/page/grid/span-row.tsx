// biome-ignore-all lint/a11y/useSemanticElements: rows are placed one by one out of 100,000, which a table's elements cannot be
// biome-ignore-all lint/a11y/useFocusableInteractive: the tree grid has the focus, aria-activedescendant says which row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the tree grid takes the keys, see keyboard.ts

import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { linkedWords } from '../../../../core/traces/model/waits.ts';
import { visibleName } from '../../../../lib/text/harmless-text.ts';
import { CutLabel } from '../../../../page/components/cut-label.tsx';
import { Icon } from '../../../../page/components/icon.tsx';
import { hasHollowMark, serviceNames } from '../../../../page/components/services/service-colors.ts';
import { counted, formatCount, plural, signedDuration } from '../../../../page/values/format.ts';
import { changedItself } from '../../changed-itself.ts';
import { errorText } from '../state/error-order.ts';
import { baseDepth, closedRun, isFolded, openRun } from '../state/folding.ts';
import type { ClosedRun } from '../state/runs.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { Bar } from './bar.tsx';
import { rowText, wordsOf } from './row-words.ts';

export interface SpanRowProps {
  readonly id: string;
  readonly shown: ShownTrace;
  readonly index: number;
  /** Position among the visible rows, and pixels from the top. */
  readonly row: number;
  readonly top: number;
  readonly selected: boolean;
  /** Width of the time line in pixels. */
  readonly line: number;
  /** Pixels of indentation per level. */
  readonly indent: number;
  readonly onOpen: (index: number) => void;
}

/** From this level on, spans show their level as a number instead of more indentation. */
export const MAX_INDENTS = 24;

/** One span: its depth in the tree, its name, extra fields and its bar. While a list scrolls, only new rows are drawn. */
export function SpanRow(props: SpanRowProps) {
  return useMemo(() => <DrawnRow {...props} />, Object.values(props));
}

function DrawnRow({ id, shown, index, row, top, selected, line, indent, onOpen }: SpanRowProps) {
  const { model, columns, folding, matches, coloring } = shown;
  const run = closedRun(folding, index);
  const folded = isFolded(model, folding, index);
  const logs = shown.logs.byIndex.get(index) ?? [];
  const depth = (model.depth[index] ?? 0) - baseDepth(model, folding);
  const linked = model.linkedTo(index);
  const service = model.service(index);
  const parent = model.parent[index] ?? -1;
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
      style={{ '--top': `${top}px` }}
      onClick={() => shown.select(index)}
      onDblClick={() => onOpen(index)}
    >
      <div role="gridcell" class="span-name strip" style={{ '--level': `${level}px` }}>
        {depth > 0 && <Branches shown={shown} index={index} depth={depth} indent={indent} />}
        <Folds shown={shown} index={index} run={run} folded={folded} />
        {depth > MAX_INDENTS && <span class="faint">{depth + 1}</span>}
        <span
          class={coloring.ofServices && hasHollowMark(service) ? 'service-mark hollow' : 'service-mark'}
          style={{ '--own': coloring.colorOf(index) }}
          aria-hidden="true"
        />
        <Marks model={model} index={index} folded={folded} />
        <span
          class={selected ? 'span-title strong ellipsis' : 'span-title ellipsis'}
          title={`${service} · ${model.name(index)}`}
        >
          <bdi>{visibleName(model.name(index))}</bdi>
        </span>
        {run !== undefined && <span class="tag">× {formatCount(run.indexes.length)}</span>}
        {linked.length > 0 && (
          <button
            type="button"
            tabIndex={-1}
            class="tag links-chip block ellipsis"
            aria-pressed={shown.state.linked}
            title={`${linkedWords(linked)} (o)`}
            onClick={(event) => {
              event.stopPropagation();
              shown.change({ linked: !shown.state.linked });
            }}
          >
            {linkedWords(linked)}
          </button>
        )}
        {(parent < 0 || model.service(parent) !== service) && (
          <span class="span-service meta">
            <CutLabel text={service} all={serviceNames()} />
          </span>
        )}
      </div>
      {columns.map(({ name, textOf }) => (
        <div
          role="gridcell"
          key={name}
          class="span-extra mono ellipsis"
          data-name={name}
          title={textOf?.(index)}
        >
          {textOf?.(index) ?? ''}
        </div>
      ))}
      <div role="gridcell" class="span-time">
        <Bar shown={shown} index={index} run={run} line={line} logs={logs} />
      </div>
    </div>
  );
}

/** Pixels of a row's height, and of the mark that a line leads to. The picture is as high as a row of one line. */
const [ROW, MIDDLE] = [26, 13];

/** The lines from a span to its parent, and from those above it to their next children. */
function Branches({
  shown,
  index,
  depth,
  indent,
}: Pick<SpanRowProps, 'shown' | 'index' | 'indent'> & { depth: number }) {
  const { model, folding } = shown;
  const levels = Math.min(depth, MAX_INDENTS);
  let path = '';
  let at = index;
  for (let level = depth; level > 0; level--) {
    const above = model.parent[at] ?? -1;
    // Only matches are shown: whether another one follows would take a look at all of them.
    const end = closedRun(folding, at)?.end ?? model.end[at] ?? 0;
    const goesOn = folding.kept !== undefined || end < (model.end[above] ?? 0);
    const x = (level - 1) * indent + 4.5;
    if (level <= levels && level === depth) {
      const reach = Math.min(8, indent - 2);
      path += goesOn ? `M${x} 0V${ROW}M${x} ${MIDDLE}h${reach}` : `M${x} 0V${MIDDLE - 4}q0 4 ${reach} 4`;
    } else if (level <= levels && goesOn) path += `M${x} 0V${ROW}`;
    at = above;
  }
  return (
    <svg
      class="branches"
      viewBox={`0 0 ${levels * indent} ${ROW}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  );
}

interface FoldsProps extends Pick<SpanRowProps, 'shown' | 'index'> {
  readonly run: ClosedRun | undefined;
  readonly folded: boolean;
}

/**
 * The boxes of a row: with the number of children, and with that of equal siblings. They fold and unfold. A box of what is
 * folded stands before the name; the boxes that fold an open row are shown while the pointer or the focus is on it.
 */
function Folds({ shown, index, run, folded }: FoldsProps) {
  const { model, folding } = shown;
  const fold = () => shown.toggle(index);
  const equal = formatCount(folding.runs.byFirst.get(index)?.indexes.length ?? 0);
  if (run !== undefined)
    return (
      <FoldBox text={`×${equal}`} label={`Show ${equal} equal spans one by one`} isFolded onToggle={fold} />
    );
  const children = model.children[index] ?? 0;
  const below = (model.end[index] ?? 0) - index - 1;
  if (folded)
    return (
      <FoldBox
        text={`+${formatCount(below)}`}
        label={`Show ${counted(below, 'span')} below`}
        isFolded
        onToggle={fold}
      />
    );
  const isOfRun = openRun(folding, index) === index;
  const hasBelow = children > 0 && folding.kept === undefined;
  if (!isOfRun && !hasBelow) return null;
  const whose = children === 1 ? '1 child' : `${formatCount(children)} children`;
  return (
    <span class="folds strip tight">
      {isOfRun && (
        <FoldBox
          text={`×${equal}`}
          label={`Make one row of ${equal} equal spans`}
          onToggle={() => shown.closeRun(index)}
        />
      )}
      {hasBelow && (
        <FoldBox
          text={<span class="fold-count">{formatCount(children)}</span>}
          label={`Hide the spans below ${whose}`}
          onToggle={fold}
        />
      )}
    </span>
  );
}

interface FoldBoxProps {
  readonly text: ComponentChildren;
  readonly label: string;
  readonly isFolded?: boolean;
  readonly onToggle: () => void;
}

function FoldBox({ text, label, isFolded: folded = false, onToggle }: FoldBoxProps) {
  return (
    <button
      type="button"
      tabIndex={-1}
      class={folded ? 'tag fold firm folded primary' : 'tag fold firm'}
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
  const marks = model.marks(index).filter((mark) => mark !== 'clock_adjusted');
  const odd = marks.map(wordsOf).join(', ');
  const comparison = model.comparison?.(index);
  const itself = comparison !== undefined && changedItself(comparison, model.length[index] ?? 0);
  return (
    <>
      {model.error[index] === 1 && (
        <span class="error-mark" role="img" aria-label="Error" title={errorText(model, index)}>
          <Icon name="error" />
        </span>
      )}
      {below > 0 && (
        <span class="error-mark" title="Errors in the folded spans">
          <Icon name="error" />
          {formatCount(below)}
          <span class="visually-hidden"> {plural(below, 'error')} below</span>
        </span>
      )}
      {odd !== '' && (
        <span class="odd-mark" role="img" aria-label={odd} title={odd}>
          <Icon name="alert" />
        </span>
      )}
      {comparison !== undefined && comparison.difference !== 'same' && (
        <span class={itself && comparison.difference !== 'faster' ? 'tag warn' : 'tag'}>
          {comparison.difference === 'slower' || comparison.difference === 'faster' ? (
            <>
              <span class="visually-hidden">{comparison.difference} by </span>
              {signedDuration(((model.length[index] ?? 0) - comparison.otherDuration) / 1e6)}
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
