import type { Runtime } from 'node:inspector';
import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';

/** Where a function begins in its source. */
export interface FunctionLocation {
  /** Absolute path. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Where the inspector finds what it is asked about. */
const ASKED = Symbol.for('tandem.locate-functions');

/**
 * Where functions are written, as V8 knows it. Takes some ten milliseconds, as all scripts are listed: for the start of a
 * process, not for requests.
 * @returns in the order of `functions`; undefined for those that are in no file
 */
export function locateFunctions(
  functions: readonly ((...args: never[]) => unknown)[],
): (FunctionLocation | undefined)[] {
  const session = new Session();
  session.connect();
  Reflect.set(globalThis, ASKED, functions);
  try {
    const files = new Map<string, string>();
    session.on('Debugger.scriptParsed', ({ params }) => {
      if (params.url.startsWith('file:')) files.set(params.scriptId, fileURLToPath(params.url));
    });
    session.post('Debugger.enable');
    return functions.map((_, index) => {
      const place = ask(session, index);
      const file = files.get(place?.scriptId ?? '');
      return file === undefined || place === undefined ? undefined : { file, line: place.lineNumber + 1 };
    });
  } finally {
    Reflect.deleteProperty(globalThis, ASKED);
    session.disconnect();
  }
}

/** A session in its own process answers before `post` returns. */
function ask(session: Session, index: number): { scriptId: string; lineNumber: number } | undefined {
  let properties: readonly Runtime.InternalPropertyDescriptor[] = [];
  const expression = `globalThis[Symbol.for('${Symbol.keyFor(ASKED)}')][${index}]`;
  session.post('Runtime.evaluate', { expression }, (_error, evaluated) => {
    const objectId = evaluated?.result.objectId;
    if (objectId === undefined) return;
    session.post('Runtime.getProperties', { objectId }, (_failed, found) => {
      properties = found?.internalProperties ?? [];
    });
  });
  return properties.find(({ name }) => name === '[[FunctionLocation]]')?.value?.value;
}
