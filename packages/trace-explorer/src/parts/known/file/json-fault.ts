/** Tokens of JSON, whole or not, and ends of lines. */
const TOKEN = /"(?:[^"\\\n]|\\[^\n])*"?|[{}[\]:,]|[^\s{}[\]:,"]+|\n/g;
const TEXT = /^"(?:[^"\\]|\\.)*"$/;
const WORD = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

type Wanted = 'value' | 'key' | 'colon' | 'end';

/**
 * The line in which a text stops being JSON, counted from 1; the last one of a text that ends too early. JSON.parse tells it of some
 * faults only, and in each version of Node of others.
 */
export function lineOfFault(text: string): number {
  const open: string[] = [];
  let [line, last, wanted, mayClose] = [1, 1, 'value' as Wanted, false];
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '\n') {
      line += 1;
      continue;
    }
    const within = open.at(-1);
    const isClosing = token === (within === '{' ? '}' : within === '[' ? ']' : undefined);
    if (isClosing && (wanted === 'end' || mayClose)) {
      open.pop();
      [wanted, mayClose] = ['end', false];
    } else if (wanted === 'value' && (token === '{' || token === '[')) {
      open.push(token);
      [wanted, mayClose] = [token === '{' ? 'key' : 'value', true];
    } else if (wanted === 'value' && (TEXT.test(token) || WORD.test(token)))
      [wanted, mayClose] = ['end', false];
    else if (wanted === 'key' && TEXT.test(token)) [wanted, mayClose] = ['colon', false];
    else if (wanted === 'colon' && token === ':') wanted = 'value';
    else if (wanted === 'end' && token === ',' && within !== undefined)
      wanted = within === '{' ? 'key' : 'value';
    else return line;
    last = line;
  }
  return last;
}
