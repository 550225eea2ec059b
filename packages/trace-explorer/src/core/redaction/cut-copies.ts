/** Characters of the shortest part of a value that is taken for a cut copy. */
const SHORTEST_PART = 8;

/** Most compared characters of a part. A longer part at a value's begin is a copy already. */
const LONGEST_PART = 64;

/** Marks where programs cut a text. */
const CUT = /…|\.{3}|\*{3}|["'`]/;
const AT_END = new RegExp(`(?:${CUT.source})$`);
const LONGEST_MARK = 3;

/** Parts of secret values beside a mark of a cut, or at an end of the text: `s3cr3t-be…`, `…t-ending`. Case is ignored. */
export class CutCopies {
  readonly #begins = new Parts();
  /** The values from their ends to their begins. */
  readonly #ends = new Parts();

  add(value: string): void {
    const lower = lowerCase(value);
    this.#begins.add(lower);
    this.#ends.add(reversed(lower));
  }

  /** Replaces a value's begin with all that follows it, and ends of values. Takes time in proportion to the text. */
  replace(text: string, by: string): string {
    const lower = lowerCase(text);
    const pieces: string[] = [];
    let kept = 0;
    for (let at = 0; at + SHORTEST_PART <= lower.length; at++) {
      const part = lower.slice(at, at + SHORTEST_PART);
      if (this.#begins.has(part) && this.#isCutAfter(lower, at))
        return pieces.join('') + text.slice(kept, at) + by;
      if (!this.#ends.has(reversed(part))) continue;
      const end = at + SHORTEST_PART;
      const begin = this.#cutBefore(lower, kept, end);
      if (begin === undefined) continue;
      pieces.push(text.slice(kept, begin), by);
      kept = end;
    }
    return pieces.join('') + text.slice(kept);
  }

  /** Whether a value begins at a position, and the text is cut before the value ends. */
  #isCutAfter(text: string, at: number): boolean {
    const length = this.#begins.common(text.slice(at, at + LONGEST_PART));
    const rest = text.slice(at + SHORTEST_PART, at + length + LONGEST_MARK);
    const mark = CUT.exec(rest);
    return at + length === text.length || (mark !== null && mark.index <= length - SHORTEST_PART);
  }

  /** The begin of the part that ends at a position, when the text is cut there; undefined otherwise. */
  #cutBefore(text: string, from: number, end: number): number | undefined {
    const length = this.#ends.common(reversed(text.slice(Math.max(from, end - LONGEST_PART), end)));
    const begin = end - length;
    if (begin === 0 || AT_END.test(text.slice(Math.max(0, begin - LONGEST_MARK), begin))) return begin;
    // The value has a mark of its own: the text after the mark is a part, too.
    const mark = CUT.exec(text.slice(begin, end - SHORTEST_PART));
    return mark === null ? undefined : begin + mark.index;
  }
}

/** Texts in order, of which the longest common begin with another text is found. */
class Parts {
  readonly #firsts = new Set<string>();
  readonly #texts: string[] = [];
  #isSorted = true;

  add(text: string): void {
    if (text.length <= SHORTEST_PART) return;
    this.#firsts.add(text.slice(0, SHORTEST_PART));
    this.#texts.push(text.slice(0, LONGEST_PART));
    this.#isSorted = false;
  }

  /** Whether a text begins with these characters. */
  has(first: string): boolean {
    return this.#firsts.has(first);
  }

  /** The length of the longest begin that a text shares with the given one. */
  common(given: string): number {
    if (!this.#isSorted) this.#texts.sort();
    this.#isSorted = true;
    let [from, to] = [0, this.#texts.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#texts[middle] ?? '') < given) from = middle + 1;
      else to = middle;
    }
    return Math.max(...[from - 1, from].map((index) => commonLength(this.#texts[index] ?? '', given)));
  }
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** Lower case of the same length: only U+0130 becomes longer. */
function lowerCase(text: string): string {
  return text.replaceAll('\u0130', 'i').toLowerCase();
}

function reversed(text: string): string {
  let all = '';
  for (let at = text.length - 1; at >= 0; at--) all += text[at];
  return all;
}
