import type { PlacedSpan, TraceTree } from './tree.ts';

export interface WindowOptions {
  readonly offset: number;
  readonly limit: number;
  /** Span ids whose descendants are hidden. */
  readonly collapsed?: ReadonlySet<string>;
  /** Shows only this span and what is below it. */
  readonly root?: string;
  /** Chooses an offset so that this span is in the window, unless it is hidden. */
  readonly focus?: string;
}

export interface TraceWindow {
  readonly spans: readonly {
    readonly place: number;
    readonly collapsed: boolean;
    readonly span: PlacedSpan;
  }[];
  readonly offset: number;
  /** Spans that are not hidden: what the window is cut from. */
  readonly visible: number;
}

/** One window of the depth-first list. Undefined when `root` is not in the trace. */
export function cutWindow(tree: TraceTree, options: WindowOptions): TraceWindow | undefined {
  const { limit, collapsed, root, focus } = options;
  let from = 0;
  let to = tree.spans.length;
  if (root !== undefined) {
    from = tree.spans.findIndex((span) => span.record.spanId === root);
    const span = tree.spans[from];
    if (span === undefined) return undefined;
    to = from + span.descendants + 1;
  }
  const visible: number[] = [];
  let focused = -1;
  for (let place = from; place < to; place++) {
    const span = tree.spans[place];
    if (span === undefined) break;
    if (focused < 0 && span.record.spanId === focus) focused = visible.length;
    visible.push(place);
    if (collapsed?.has(span.record.spanId)) place += span.descendants;
  }
  const offset = focused < 0 ? options.offset : Math.max(0, focused - Math.floor(limit / 2));
  const spans = visible.slice(offset, offset + limit).flatMap((place) => {
    const span = tree.spans[place];
    if (span === undefined) return [];
    return [{ place, collapsed: span.children > 0 && (collapsed?.has(span.record.spanId) ?? false), span }];
  });
  return { spans, offset, visible: visible.length };
}
