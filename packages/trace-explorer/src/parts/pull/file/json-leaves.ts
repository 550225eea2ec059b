/**
 * The values of a JSON object by their paths with dots, each as its own text. An object may have a key twice, as ClickHouse
 * writes `{"a":1,"a.b":2}`: as `{"a":1,"a":{"b":2}}`. A list is a value.
 * @throws SyntaxError
 */
export function jsonLeaves(json: string): Map<string, string> {
  const leaves = new Map<string, string>();
  const above: string[] = [];
  let [at, path] = [0, ''];
  const space = () => {
    while (at < json.length && json.charCodeAt(at) <= 32) at++;
  };
  for (space(); at < json.length; space()) {
    const sign = json[at];
    if (sign === '{' || sign === ',') {
      if (sign === '{') above.push(path);
      at++;
      space();
      if (json[at] === '}') continue;
      const from = at;
      at = endOfValue(json, at);
      const [before = '', key] = [above.at(-1), JSON.parse(json.slice(from, at)) as string];
      path = above.length > 1 ? `${before}.${key}` : key;
      space();
      if (json[at++] !== ':') throw new SyntaxError('a member has no value');
      space();
      if (json[at] === '{') continue;
      const begin = at;
      at = endOfValue(json, at);
      leaves.set(path, json.slice(begin, at));
    } else if (sign === '}') {
      above.pop();
      at++;
    } else throw new SyntaxError('no object');
  }
  return leaves;
}

/** Where a text, a list or another value ends that begins here. */
function endOfValue(json: string, begin: number): number {
  let depth = 0;
  for (let at = begin; at < json.length; at++) {
    const sign = json[at];
    if (sign === '"') at = endOfText(json, at);
    else if (sign === '[' || sign === '{') depth++;
    else if ((sign === ']' || sign === '}' || sign === ',') && depth === 0) return at;
    else if (sign === ']' || sign === '}') depth--;
    if (depth === 0 && (sign === '"' || sign === ']')) return at + 1;
  }
  throw new SyntaxError('a value has no end');
}

function endOfText(json: string, begin: number): number {
  for (let at = json.indexOf('"', begin + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let slashes = 0;
    while (json[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at;
  }
  throw new SyntaxError('a text has no end');
}
