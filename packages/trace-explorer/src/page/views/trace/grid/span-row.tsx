// biome-ignore-all lint/a11y/useSemanticElements: rows are placed one by one out of 100,000, which a table's elements cannot be
// biome-ignore-all lint/a11y/useFocusableInteractive: the tree grid has the focus, aria-activedescendant says which row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the tree grid takes the keys, see keyboard.ts

import { visibleName } from '../../../../shared/harmless-text.ts';
import { changedItself } from '../../../../traces/model/compare-traces.ts';
import { errorText } from '../../../../traces/model/errors.ts';
import type { TraceModel } from '../../../../traces/model/trace-model.ts';
import { ROW_HEIGHT } from '../../../components/rows/virtual-rows.ts';
import { formatCount, formatDuration } from '../../../format.ts';
import { baseDepth, isFolded } from '../folding.ts';
import type { ShownTrace } from '../use-actions.ts';
import { Bar } from './bar.tsx';

export interface SpanRowProps {
  /** Id of the element. */
  readonly id: string;
  readonly shown: ShownTrace;
  readonly place: number;
  /** Position among the visible rows. */
  readonly row: number;
  readonly selected: boolean;
  /** Width of the time line in pixels. */
  readonly line: number;
  /** Pixels of indentation per level. */
  readonly indent: number;
  readonly onOpen: (place: number) => void;
}

/** From this level on, spans are not indented further; they show their level as a number. */
export const MAX_INDENTS = 24;

/** One span: its place in the tree, its name, extra fields and its bar. */
export function SpanRow({ id, shown, place, row, selected, line, indent, onOpen }: SpanRowProps) {
  const { model, columns, folding, matches } = shown;
  const name = visibleName(model.name(place));
  const folded = isFolded(model, folding, place);
  const logs = shown.logs.byPlace.get(place) ?? [];
  const depth = (model.depth[place] ?? 0) - baseDepth(model, folding);
  const children = model.children[place] ?? 0;
  const level = Math.min(depth, MAX_INDENTS) * indent;
  const classes = [
    'span-row',
    selected && 'selected',
    matches && (matches.has(place) ? 'matched' : 'dimmed'),
    model.comparison?.(place).difference,
  ];
  return (
    <div
      role="row"
      id={id}
      class={classes.filter(Boolean).join(' ')}
      aria-label={rowText(model, place, logs.length)}
      aria-rowindex={row + 2}
      aria-level={depth + 1}
      aria-expanded={children > 0 ? !folded : undefined}
      aria-selected={selected}
      style={{ '--top': `${row * ROW_HEIGHT}px` }}
      onClick={() => shown.select(place)}
      onDblClick={() => onOpen(place)}
    >
      <div
        role="gridcell"
        class="span-name"
        style={{ paddingLeft: `${level + 4}px`, '--level': `${level}px`, '--indent': `${indent}px` }}
      >
        <Fold model={model} place={place} folded={folded} onToggle={() => shown.toggle(place)} />
        <Marks model={model} place={place} folded={folded} />
        {depth > MAX_INDENTS && <span class="span-depth">{depth + 1}</span>}
        <span class="service-mark" style={{ background: shown.coloring.colorOf(place) }} aria-hidden="true" />
        <span class="span-title" title={`${model.service(place)} · ${model.name(place)}`}>
          <bdi>{name}</bdi>
        </span>
      </div>
      <div role="gridcell" class="span-service" title={model.service(place)}>
        {model.service(place)}
      </div>
      {columns.map(({ name, textOf }) => (
        <div role="gridcell" key={name} class="span-extra" title={textOf?.(place)}>
          {textOf?.(place) ?? ''}
        </div>
      ))}
      <div role="gridcell" class="span-time">
        <Bar shown={shown} place={place} line={line} logs={logs} />
      </div>
    </div>
  );
}

/** The box before a name with the number of children. It folds and unfolds them. */
function Fold({
  model,
  place,
  folded,
  onToggle,
}: {
  model: TraceModel;
  place: number;
  folded: boolean;
  onToggle: () => void;
}) {
  const children = model.children[place] ?? 0;
  if (children === 0) return <span class="fold-none" />;
  const below = formatCount((model.end[place] ?? 0) - place - 1);
  const [text, label] = folded
    ? [`+${below}`, `Show ${below} spans below`]
    : [
        formatCount(children),
        `Hide the spans below ${children === 1 ? '1 child' : `${formatCount(children)} children`}`,
      ];
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

/** The words of a row for a screen reader: the span's name first, then its service, duration and marks. */
function rowText(model: TraceModel, place: number, lines: number): string {
  const parts = [
    visibleName(model.name(place)),
    model.service(place),
    formatDuration((model.length[place] ?? 0) / 1e6),
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
