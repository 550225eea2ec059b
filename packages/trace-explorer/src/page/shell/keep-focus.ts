const CAN_HAVE_FOCUS =
  ':is(a[href], button, input, select, textarea, [tabindex]):not(:disabled, [tabindex="-1"])';

/**
 * When what has the focus is removed, its nearest neighbour gets it: otherwise nothing has it, and whoever works by keyboard
 * begins at the top of the page again. A component that knows a better place sets the focus itself, before this looks.
 */
export function keepFocus(root: HTMLElement): void {
  let last: Element | undefined;
  const forget = () => {
    if (last?.isConnected && document.activeElement === document.body) last = undefined;
  };
  root.addEventListener('focusin', ({ target }) => {
    last = target instanceof Element ? target : undefined;
  });
  // Somebody left it on purpose, such as with a click beside it; of a removal the observer hears first.
  root.addEventListener('focusout', () => setTimeout(forget));
  new MutationObserver((records) => {
    if (last === undefined || last.isConnected || document.activeElement !== document.body) return;
    const place = placeOf(last, records);
    last = undefined;
    if (place !== undefined) neighbourOf(place, root)?.focus({ preventScroll: true });
  }).observe(root, { childList: true, subtree: true });
}

/** Where a part of the document was that is gone, with what is left around it. */
type Gone = Pick<MutationRecord, 'target' | 'previousSibling' | 'nextSibling'>;

/** Where an element was, or the part of the document that it went with. */
function placeOf(gone: Node, records: readonly MutationRecord[]): Gone | undefined {
  const record = records.findLast(({ removedNodes }) =>
    [...removedNodes].some((node) => node.contains(gone)),
  );
  return record === undefined || record.target.isConnected ? record : placeOf(record.target, records);
}

/** What stands there now or comes next, else what came before; then the same one level up. */
function neighbourOf({ target, previousSibling, nextSibling }: Gone, root: Node): Focusable | undefined {
  const before = previousSibling?.parentNode === target ? previousSibling : null;
  const after = nextSibling?.parentNode === target ? nextSibling : null;
  for (let at = before?.nextSibling ?? after ?? target.firstChild; at !== null; at = at.nextSibling) {
    const [first] = focusable(at);
    if (first !== undefined) return first;
  }
  for (let at = before ?? after?.previousSibling ?? null; at !== null; at = at.previousSibling) {
    const last = focusable(at).at(-1);
    if (last !== undefined) return last;
  }
  if (target === root || !isFocusable(target)) return undefined;
  // What scrolls, or is the view itself, takes the keys of its content.
  if (target.matches('[tabindex]')) return target;
  const { parentNode } = target;
  return parentNode === null
    ? undefined
    : neighbourOf(
        { target: parentNode, previousSibling: target.previousSibling, nextSibling: target.nextSibling },
        root,
      );
}

type Focusable = HTMLElement | SVGElement;

function isFocusable(node: Node): node is Focusable {
  return node instanceof HTMLElement || node instanceof SVGElement;
}

/** What in a part of the document can have the focus, in its order; the part itself too. */
function focusable(node: Node): Focusable[] {
  if (!isFocusable(node)) return [];
  const all = [
    ...(node.matches(CAN_HAVE_FOCUS) ? [node] : []),
    ...node.querySelectorAll<Focusable>(CAN_HAVE_FOCUS),
  ];
  return all.filter((each) => each.checkVisibility({ visibilityProperty: true }));
}
