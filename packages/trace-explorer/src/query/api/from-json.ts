import { problems } from '../../errors.ts';
import { parseJson } from '../../shared/parse-json.ts';

/** The JSON of a parameter; undefined where it is left out. @throws problem VALIDATION_FAILED that names the field */
export function fromJson(text: string | undefined, field: string): unknown {
  if (text === undefined) return undefined;
  try {
    return parseJson(text);
  } catch {
    throw problems.VALIDATION_FAILED({ errors: [{ in: 'query', field, detail: 'must be JSON' }] });
  }
}
