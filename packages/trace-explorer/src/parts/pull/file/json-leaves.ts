import { JsonScanner, membersOf } from '@tandem/otlp';

const OPEN_OBJECT = 0x7b;

/**
 * The values of a JSON object by their paths with dots, each as its own text. An object may have a key twice, as ClickHouse
 * writes `{"a":1,"a.b":2}`: as `{"a":1,"a":{"b":2}}`. A list is a value.
 * @throws SyntaxError, TypeError; RangeError for objects nested too deep
 */
export function jsonLeaves(json: string): Map<string, string> {
  const leaves = new Map<string, string>();
  const scanner = new JsonScanner(Buffer.from(json));
  const read = (above: string) => {
    for (const name of membersOf(scanner, 'a column of type JSON')) {
      if (scanner.peek() === OPEN_OBJECT) read(`${above}${name}.`);
      else leaves.set(above + name, scanner.slice().toString());
    }
  };
  read('');
  scanner.end();
  return leaves;
}
