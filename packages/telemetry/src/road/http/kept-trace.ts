import { processWide } from '../../common/process-wide.ts';
import type { RequestTrace } from './server-span.ts';

/** Gives the object that it was given for the new one, so that a subclass puts its private fields there. */
class Given {
  constructor(given: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is what the class is for
    return given;
  }
}

/**
 * Keeps the trace of a request in a private field: no copy of the request has it, nothing lists it, and unlike a property that is
 * not enumerable, it costs nothing that could be measured.
 */
class Keeper extends Given {
  #trace: RequestTrace;

  constructor(given: object, trace: RequestTrace) {
    super(given);
    this.#trace = trace;
  }

  static keep(given: object, trace: RequestTrace): void {
    if (#trace in given) given.#trace = trace;
    else new Keeper(given, trace);
  }

  static of(given: object): RequestTrace | undefined {
    return #trace in given ? given.#trace : undefined;
  }
}

const keeper = processWide<Pick<typeof Keeper, 'keep' | 'of'>>('traces 1', Keeper).value;

/** Where the trace of a request is: its stream's state is also that of a proxy, and of an object that inherits from the request. */
function placeOf(raw: object): object {
  return (raw as { readonly _readableState?: object })._readableState ?? raw;
}

/** Keeps the trace of a request, for all copies of this package. */
export function keepTrace(raw: object, trace: RequestTrace): void {
  keeper.keep(placeOf(raw), trace);
}

/** The trace of a request; undefined where it has not begun. */
export function traceOf(raw: object): RequestTrace | undefined {
  return keeper.of(placeOf(raw));
}
