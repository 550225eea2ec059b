/** Tokens of JSON: texts, signs, words such as numbers, and ends of lines. */
const TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\]:,]|[^\s{}[\]:,"]+|\n/gs;

/** Where the members of a JSON document stand. */
export interface LineNumbers {
  /** The line of a path, such as `known`, 3, `why`; of a path that is not there, the line of what is above it. */
  of(...path: readonly (string | number)[]): number;
  /** The first member that its object has twice, at its second place. */
  readonly twice: { readonly name: string; readonly line: number } | undefined;
}

/** An open object, or a list at one of its elements. */
interface Open {
  readonly isList: boolean;
  element: number;
  /** Whether a member has begun, and has not ended. */
  isWithin: boolean;
}

/** The lines of the members of valid JSON, in linear time. Lines count from 1. */
export function lineNumbers(json: string): LineNumbers {
  const lines = new Map<string, number>();
  const path: string[] = [];
  const open: Open[] = [];
  let twice: LineNumbers['twice'];
  let [line, key] = [1, ''];
  const begin = (within: Open, name: string) => {
    path.push(name);
    within.isWithin = true;
    const at = path.join('\n');
    if (lines.has(at)) twice ??= { name, line };
    lines.set(at, lines.get(at) ?? line);
  };
  const end = (within: Open | undefined) => {
    if (within?.isWithin) path.pop();
    if (within) within.isWithin = false;
  };
  for (const [token] of json.matchAll(TOKEN)) {
    const within = open.at(-1);
    if (token === '\n') line += 1;
    else if (token === ',') {
      end(within);
      if (within) within.element += 1;
    } else if (token === '}' || token === ']') {
      end(within);
      open.pop();
    } else if (token === ':') {
      if (within) begin(within, key);
    } else {
      if (within?.isList) begin(within, String(within.element));
      else if (within && !within.isWithin) key = String(JSON.parse(token));
      if (token === '{' || token === '[') open.push({ isList: token === '[', element: 0, isWithin: false });
    }
  }
  return {
    twice,
    of(...wanted) {
      const lengths = Array.from(wanted, (_, at) => wanted.length - at);
      return lengths.flatMap((length) => lines.get(wanted.slice(0, length).join('\n')) ?? [])[0] ?? 1;
    },
  };
}
