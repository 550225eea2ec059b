import type { TraceModel } from './trace-model.ts';

/** Children of every span as one flat list: the children of span `i` are `list[first[i]] … list[first[i + 1] - 1]`. */
export interface Children {
  readonly first: Int32Array;
  readonly list: Int32Array;
}

/** Lists children in the given order of spans; the roots are the children of `parent.length`. */
export function listChildren(parent: Int32Array, order: Int32Array): Children {
  const roots = parent.length;
  const first = new Int32Array(roots + 2);
  const slotOf = (index: number) => {
    const above = parent[index] ?? -1;
    return above < 0 ? roots : above;
  };
  for (const index of order) first[slotOf(index) + 1] = (first[slotOf(index) + 1] ?? 0) + 1;
  for (let slot = 1; slot < first.length; slot++) first[slot] = (first[slot] ?? 0) + (first[slot - 1] ?? 0);
  const next = first.slice();
  const list = new Int32Array(roots);
  for (const index of order) {
    const at = next[slotOf(index)] ?? 0;
    next[slotOf(index)] = at + 1;
    list[at] = index;
  }
  return { first, list };
}

/** The children of a span of a depth-first list; the roots for -1. */
export function childrenOf({ end, count }: Pick<TraceModel, 'end' | 'count'>, index: number): number[] {
  const children: number[] = [];
  const until = index < 0 ? count : (end[index] ?? 0);
  for (let child = index + 1; child < until; child = end[child] ?? until) children.push(child);
  return children;
}

/** The child of a call that answers it. @param isAnswer by default whether a child is a request; another one takes messages, too */
export function answerOf(model: TraceModel, index: number, isAnswer = isServer): number | undefined {
  // From child to child: with the spans below them, a chain of calls would be read once for each of its calls.
  const end = model.end[index] ?? 0;
  for (let child = index + 1; child < end; child = model.end[child] ?? end)
    if (isAnswer(model, child)) return child;
  return undefined;
}

function isServer(model: TraceModel, index: number): boolean {
  return model.kind(index) === 'server';
}

/** All spans depth first, children in their listed order. The stack is an array, because a trace may be 100,000 deep. */
export function depthFirst(children: Children): Int32Array {
  const { first, list } = children;
  const order = new Int32Array(list.length);
  const stack = new Int32Array(list.length);
  let height = 0;
  let filled = 0;
  const push = (slot: number) => {
    for (let at = (first[slot + 1] ?? 0) - 1; at >= (first[slot] ?? 0); at--) stack[height++] = list[at] ?? 0;
  };
  push(list.length);
  while (height > 0) {
    const index = stack[--height] ?? 0;
    order[filled++] = index;
    push(index);
  }
  return order;
}
