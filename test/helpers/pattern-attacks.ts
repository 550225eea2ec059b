/** A part of a pattern: one character of a set, a sequence, alternatives, or a repetition. */
type Part =
  | { readonly set: string }
  | { readonly all: readonly Part[] }
  | { readonly any: readonly Part[] }
  | { readonly of: Part; readonly min: number; readonly max: number };

/** A text that repeats `pump` between a begin that the pattern likes and an end that it does not. */
export interface Attack {
  readonly prefix: string;
  readonly pump: string;
  readonly suffix: string;
}

/** Characters to attack with. */
const CHARACTERS = [
  ...Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)),
  ...['\n', '\t', '\r', 'é', '\u200b', '…', '😀', '•', '\x1b', '\x00'],
];
/** A repetition of fewer is short. */
const MANY = 30;

/** Texts on which a pattern may take more than linear time: each repetition of the pattern is repeated, with what leads to it. */
export function attacksOn({ source, flags }: RegExp): readonly Attack[] {
  const tree = parse(source);
  const fitting = new Map<string, readonly string[]>();
  const charactersOf = (set: string) => {
    const known = fitting.get(set);
    if (known !== undefined) return known;
    const one = new RegExp(`^(?:${set})$`, flags.replace(/[gy]/gu, ''));
    const found = CHARACTERS.filter((each) => one.test(each));
    for (let code = 128; found.length === 0 && code < 65_536; code++)
      if (one.test(String.fromCharCode(code))) found.push(String.fromCharCode(code));
    fitting.set(set, found);
    return found;
  };
  const setsOf = (part: Part): string[] => ('set' in part ? [part.set] : innerOf(part).flatMap(setsOf));
  /** A text that a part fits. */
  const textOf = (part: Part): string => {
    if ('set' in part) return charactersOf(part.set)[0] ?? '';
    if ('all' in part) return part.all.map(textOf).join('');
    if ('any' in part) return textOf(part.any[0] as Part);
    return textOf(part.of).repeat(Math.min(part.min, MANY));
  };
  const textsOf = (part: Part): string[] => {
    if ('any' in part) return part.any.flatMap(textsOf);
    if ('of' in part) return textsOf(part.of);
    return 'all' in part && part.all.length === 1 ? textsOf(part.all[0] as Part) : [textOf(part)];
  };

  const sets = [...setsOf(tree).map(charactersOf), ['\n'], CHARACTERS.filter((each) => /\w/u.test(each))];
  // Of characters that the pattern does not tell apart, one.
  const kinds = [
    ...new Map(
      CHARACTERS.toReversed().map((each) => [sets.map((set) => set.includes(each)).join(), each]),
    ).values(),
  ];
  const attacks = new Map<string, Attack>();
  const visit = (part: Part, before: string): void => {
    if ('set' in part) return;
    if ('of' in part && part.max > MANY) {
      const inner = new Set(setsOf(part.of).flatMap(charactersOf));
      const ends = ['', ...kinds.filter((each) => !inner.has(each)).slice(0, 3), '\x01'];
      const own = [...kinds.filter((each) => inner.has(each)), ...textsOf(part.of)];
      const pumped = [
        ...['', before].flatMap((prefix) => own.map((pump) => ({ prefix, pump }))),
        ...[before, ...own.map((each) => before + each)].map((pump) => ({ prefix: '', pump })),
      ];
      for (const each of pumped)
        for (const suffix of each.pump === '' ? [] : ends)
          attacks.set(JSON.stringify([each, suffix]), { ...each, suffix });
    }
    let led = before;
    for (const each of innerOf(part)) {
      visit(each, led);
      if ('all' in part) led += textOf(each);
    }
  };
  visit(tree, '');
  return [...attacks.values()];
}

function innerOf(part: Exclude<Part, { set: string }>): readonly Part[] {
  return 'all' in part ? part.all : 'any' in part ? part.any : [part.of];
}

/** Reads the source of a pattern. Assertions are empty, what is within a lookaround is a part that may be left out. */
function parse(source: string): Part {
  let at = 0;
  const any = (): Part => {
    const list = [all()];
    for (; source[at] === '|'; list.push(all())) at++;
    return { any: list };
  };
  const all = (): Part => {
    const list: Part[] = [];
    // Each turn reads at least one character.
    for (let turn = 0; turn < source.length && at < source.length; turn++) {
      if (source[at] === '|' || source[at] === ')') break;
      list.push(repeated());
    }
    return { all: list };
  };
  const repeated = (): Part => {
    const of = atom();
    const [text, least, more, most] = /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/u.exec(source.slice(at)) ?? [];
    if (text === undefined) return of;
    at += text.length;
    if (text.startsWith('?')) return { of, min: 0, max: 1 };
    const min = Number(least ?? (text.startsWith('+') ? 1 : 0));
    return {
      of,
      min,
      max: least === undefined || most === '' ? Infinity : Number(most ?? (more ? Infinity : min)),
    };
  };
  const atom = (): Part => {
    const from = at;
    const first = source[at++] ?? '';
    if (first === '(') {
      const [head = ''] = /^\?(?:[:=!]|<[=!]|<\w+>|[ims-]+:)/u.exec(source.slice(at)) ?? [];
      at += head.length;
      const inner = any();
      at++;
      return /^\?<?[=!]/u.test(head) ? { of: inner, min: 0, max: 1 } : inner;
    }
    if (first === '^' || first === '$') return { all: [] };
    if (first === '[') for (; source[at++] !== ']'; ) if (source[at - 1] === '\\') at++;
    if (first === '\\') {
      const [text = ''] =
        /^(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|k<\w+>|[1-9]\d*|.)/su.exec(
          source.slice(at),
        ) ?? [];
      at += text.length;
      if (/^(?:[bB]$|k<|[1-9])/u.test(text)) return { all: [] };
    }
    if (first >= '\ud800' && first <= '\udbff') at++;
    return { set: source.slice(from, at) };
  };
  const tree = any();
  if (at !== source.length) throw new Error(`${source} is not understood from character ${at} on.`);
  return tree;
}
