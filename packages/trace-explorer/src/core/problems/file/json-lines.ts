/** Tokens of JSON, whole or not, and ends of lines. */
const TOKEN = /"(?:[^"\\\n]|\\[^\n])*"?|[{}[\]:,]|[^\s{}[\]:,"]+|\n/g;

/** Where the members of a JSON document stand. Lines count from 1. */
export interface JsonLines {
  /** The line of a path, such as `known`, 3, `why`; of a path that is not there, the line of what is above it. */
  of(...path: readonly (string | number)[]): number;
  /** The first member that its object has twice, at its second place. */
  readonly twice: { readonly name: string; readonly line: number } | undefined;
  /**
   * Where the text stops being JSON; the last line of a whole text, and of one that ends too early. JSON.parse tells it of some faults
   * only, and in each version of Node of others.
   */
  readonly end: number;
}

/** An open object, or a list at one of its elements. */
interface Open {
  readonly isList: boolean;
  element: number;
  /** Whether a member has begun, and has not ended. */
  isWithin: boolean;
}

type Wanted = 'value' | 'key' | 'colon' | 'end';

/** The lines of a text's members, as far as it is JSON, in linear time. */
export function jsonLines(text: string): JsonLines {
  const lines = new Map<string, number>();
  const path: string[] = [];
  const open: Open[] = [];
  let twice: JsonLines['twice'];
  let [line, last, wanted, mayClose] = [1, 1, 'value' as Wanted, false];
  const begin = (within: Open, name: string) => {
    path.push(name);
    within.isWithin = true;
    const at = path.join('\n');
    if (lines.has(at)) twice ??= { name, line };
    lines.set(at, lines.get(at) ?? line);
  };
  const end = (within: Open) => {
    if (within.isWithin) path.pop();
    within.isWithin = false;
  };
  const isTaken = (token: string): boolean => {
    const within = open.at(-1);
    const isClosing = within !== undefined && token === (within.isList ? ']' : '}');
    if (isClosing && (wanted === 'end' || mayClose)) {
      end(within);
      open.pop();
      [wanted, mayClose] = ['end', false];
    } else if (wanted === 'value' && (token === '{' || token === '[' || isValue(token))) {
      if (within?.isList) begin(within, String(within.element));
      const isOpening = token === '{' || token === '[';
      if (isOpening) open.push({ isList: token === '[', element: 0, isWithin: false });
      wanted = isOpening ? (token === '{' ? 'key' : 'value') : 'end';
      mayClose = isOpening;
    } else if (wanted === 'key' && within && token.startsWith('"') && isValue(token)) {
      begin(within, JSON.parse(token));
      [wanted, mayClose] = ['colon', false];
    } else if (wanted === 'colon' && token === ':') wanted = 'value';
    else if (wanted === 'end' && token === ',' && within) {
      end(within);
      within.element += 1;
      wanted = within.isList ? 'value' : 'key';
    } else return false;
    return true;
  };
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '\n') line += 1;
    else {
      last = line;
      if (!isTaken(token)) break;
    }
  }
  return {
    twice,
    end: last,
    of(...wanted) {
      const lengths = Array.from(wanted, (_, at) => wanted.length - at);
      return lengths.flatMap((length) => lines.get(wanted.slice(0, length).join('\n')) ?? [])[0] ?? 1;
    },
  };
}

/** Whether a token is a whole text, number or word. */
function isValue(token: string): boolean {
  try {
    JSON.parse(token);
    return true;
  } catch {
    return false;
  }
}
