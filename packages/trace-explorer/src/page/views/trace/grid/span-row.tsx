// biome-ignore-all lint/a11y/useSemanticElements: rows are placed one by one out of 100,000, which a table's elements cannot be
// biome-ignore-all lint/a11y/useFocusableInteractive: the tree grid has the focus, aria-activedescendant says which row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the tree grid takes the keys, see keyboard.ts

import { changedItself } from '../../../../traces/model/compare-traces.ts';
import type { CriticalPath } from '../../../../traces/model/critical-path.ts';
import { errorText } from '../../../../traces/model/errors.ts';
import type { SpanGroup } from '../../../../traces/model/span-groups.ts';
import { sizeOf } from '../../../../traces/model/span-groups.ts';
import type { TraceModel } from '../../../../traces/model/trace-model.ts';
import { memo } from '../../../components/memo.ts';
import { ROW_HEIGHT } from '../../../components/virtual-rows.ts';
import { formatCount, formatDuration } from '../../../format.ts';
import type { TraceLog } from '../logs/trace-logs.ts';
import { Bar } from './bar.tsx';
import type { TimeRange } from './geometry.ts';
import type { ExtraColumn } from './waterfall.tsx';

export interface SpanRowProps {
  readonly id: string;
  readonly model: TraceModel;
  readonly place: number;
  /** Position among the visible rows. */
  readonly row: number;
  readonly baseDepth: number;
  readonly folded: boolean;
  /** Equal neighbours that this row stands for, itself the first of them. */
  readonly group: SpanGroup | undefined;
  /** The same where they are shown one by one, and this is the first. */
  readonly apart: SpanGroup | undefined;
  readonly selected: boolean;
  readonly matches: boolean;
  readonly dimmed: boolean;
  readonly color: string;
  readonly columns: readonly ExtraColumn[];
  readonly range: TimeRange;
  /** Width of the time line in pixels. */
  readonly line: number;
  /** Pixels of indentation per level. */
  readonly indent: number;
  readonly criticalPath: CriticalPath | undefined;
  readonly logs: readonly TraceLog[] | undefined;
  readonly onSelect: (place: number) => void;
  readonly onToggle: (place: number) => void;
  readonly onOpen?: ((place: number) => void) | undefined;
}

/** The level from which on spans are not indented further, but say their level. */
export const MAX_INDENTS = 24;

/** One span: its place in the tree, its name, extra fields, its bar. */
export const SpanRow = memo(function SpanRow(props: SpanRowProps) {
  const { model, place, row, folded, group, apart, selected, color, columns } = props;
  const name = model.name(place) || '(no name)';
  const equal = group ?? apart;
  const depth = (model.depth[place] ?? 0) - props.baseDepth;
  const children = model.children[place] ?? 0;
  const level = Math.min(depth, MAX_INDENTS) * props.indent;
  const classes = [
    'span-row',
    selected && 'selected',
    props.matches && 'matched',
    props.dimmed && 'dimmed',
    model.comparison?.(place).difference,
  ];
  return (
    <div
      role="row"
      id={props.id}
      class={classes.filter(Boolean).join(' ')}
      aria-label={rowText(model, place, props.logs?.length ?? 0, group)}
      aria-rowindex={row + 2}
      aria-level={depth + 1}
      aria-expanded={children > 0 ? !folded : equal && group === undefined}
      aria-selected={selected}
      style={{ transform: `translateY(${row * ROW_HEIGHT}px)` }}
      onClick={() => props.onSelect(place)}
      onDblClick={() => props.onOpen?.(place)}
    >
      <div
        role="gridcell"
        class="span-name"
        style={{ paddingLeft: `${level + 4}px`, '--level': `${level}px`, '--indent': `${props.indent}px` }}
      >
        {equal !== undefined ? (
          <button
            type="button"
            tabIndex={-1}
            class={group === undefined ? 'fold' : 'fold folded'}
            aria-label={
              group === undefined
                ? `Show these ${formatCount(sizeOf(equal))} equal spans as one`
                : `Show ${formatCount(sizeOf(equal))} equal spans one by one`
            }
            onClick={(event) => {
              event.stopPropagation();
              props.onToggle(place);
            }}
          >
            {`×${formatCount(sizeOf(equal))}`}
          </button>
        ) : children > 0 ? (
          <button
            type="button"
            tabIndex={-1}
            class={folded ? 'fold folded' : 'fold'}
            aria-label={
              folded
                ? `Show ${formatCount((model.end[place] ?? 0) - place - 1)} spans below`
                : `Hide the spans below ${children === 1 ? '1 child' : `${formatCount(children)} children`}`
            }
            onClick={(event) => {
              event.stopPropagation();
              props.onToggle(place);
            }}
          >
            {folded ? `+${formatCount((model.end[place] ?? 0) - place - 1)}` : formatCount(children)}
          </button>
        ) : (
          <span class="fold-none" />
        )}
        <Marks model={model} place={place} folded={folded} />
        {depth > MAX_INDENTS && <span class="span-depth">{depth + 1}</span>}
        <span class="service-mark" style={{ background: color }} aria-hidden="true" />
        <span class="span-title" title={`${model.service(place)} · ${model.name(place)}`}>
          {group !== undefined && `${formatCount(sizeOf(group))} × `}
          <bdi>{name}</bdi>
        </span>
      </div>
      <div role="gridcell" class="span-service" title={model.service(place)}>
        {model.service(place)}
      </div>
      {columns.map(({ name, textOf }) => (
        <div role="gridcell" key={name} class="span-extra" title={extraText(textOf, place, group)}>
          {extraText(textOf, place, group) ?? ''}
        </div>
      ))}
      <div role="gridcell" class="span-time">
        <Bar
          model={model}
          place={place}
          group={group}
          color={color}
          range={props.range}
          line={props.line}
          criticalPath={props.criticalPath}
          logs={props.logs}
        />
      </div>
    </div>
  );
});

/** Signs of an error, of an error hidden below, and of something odd; each has words for people who cannot see it. */
function Marks({ model, place, folded }: { model: TraceModel; place: number; folded: boolean }) {
  const below = folded ? (model.errorsWithin[place] ?? 0) - (model.error[place] ?? 0) : 0;
  const odd = model.marks(place).filter((mark) => mark !== 'clock_adjusted');
  const comparison = model.comparison?.(place);
  const itself = comparison !== undefined && changedItself(comparison, model.length[place] ?? 0);
  return (
    <>
      {model.error[place] === 1 && (
        <span class="error-mark" role="img" aria-label="Error" title={errorText(model, place)}>
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
              {signed((model.length[place] ?? 0) - comparison.otherDuration)}
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

/** What a column says of a row; of a group only what all of its spans have. */
function extraText(
  textOf: ExtraColumn['textOf'],
  place: number,
  group: SpanGroup | undefined,
): string | undefined {
  const text = textOf(place);
  if (group === undefined) return text;
  for (let other = group.first; other < group.end; other++) if (textOf(other) !== text) return 'various';
  return text;
}

/** What a screen reader says of a row: the span's name first, then what tells it from others. */
function rowText(model: TraceModel, place: number, lines: number, group: SpanGroup | undefined): string {
  const name = model.name(place) || '(no name)';
  const parts = [
    group === undefined ? name : `${formatCount(sizeOf(group))} times ${name}`,
    model.service(place),
    group === undefined
      ? formatDuration((model.length[place] ?? 0) / 1e6)
      : `${formatDuration((group.until - group.from) / 1e6)} from the first’s start to the last’s end, ${formatDuration(group.sum / 1e6)} in sum`,
    model.error[place] === 1 ? `error: ${errorText(model, place)}` : '',
    ...model.marks(place).map(wordsOf),
    lines === 0 ? '' : `${formatCount(lines)} log ${lines === 1 ? 'line' : 'lines'}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** A mark's code in words. */
export function wordsOf(mark: string): string {
  return mark.replaceAll('_', ' ');
}
