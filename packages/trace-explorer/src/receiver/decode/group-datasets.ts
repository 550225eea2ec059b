import { itemsOf, JsonScanner, membersOf, UndecodableError } from '@tandem/otlp';
import { storedName } from '../../fields/resource.ts';

/** Bytes walked through between two pauses. */
const BYTES_BETWEEN_PAUSES = 4 * 1024 * 1024;

/**
 * The datasets that the groups of an imported document name, by the group's position in its list. The names are cut to
 * the stored length, because a name may be as long as the document.
 * @param list `resourceSpans` or `resourceLogs`
 * @param label the group's member
 * @throws UndecodableError when a name is no text; SyntaxError when the body is no JSON
 */
export function* groupDatasets(
  bytes: Uint8Array,
  list: string,
  label: string,
): Generator<undefined, readonly (string | undefined)[]> {
  const datasets: (string | undefined)[] = [];
  const scanner = new JsonScanner(bytes);
  if (!scanner.bytes.includes(label)) return datasets;
  let pauseAt = BYTES_BETWEEN_PAUSES;
  for (const name of membersOf(scanner, 'the request')) {
    if (name !== list) {
      scanner.skip();
      continue;
    }
    for (const _ of itemsOf(scanner, list)) {
      let dataset: string | undefined;
      for (const member of membersOf(scanner, list)) {
        const text = scanner.slice();
        if (member === label) dataset = nameOf(text, label);
      }
      datasets.push(dataset);
      if (scanner.position < pauseAt) continue;
      pauseAt = scanner.position + BYTES_BETWEEN_PAUSES;
      yield undefined;
    }
  }
  return datasets;
}

function nameOf(text: Buffer, label: string): string | undefined {
  const name: unknown = JSON.parse(text.toString()) ?? '';
  if (typeof name !== 'string')
    throw new UndecodableError(`The body names a dataset wrongly: ${label} is not text`);
  return name.trim() === '' ? undefined : storedName(name);
}
