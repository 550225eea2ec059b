import { LimitError } from './errors.ts';
import type { DecodeLimits } from './limits.ts';
import { readable } from './limits.ts';

/** Counts what stands around the spans of a request, and the spans, before any of it is read. */
export class GroupCounter {
  readonly #limits: DecodeLimits;
  #groups = 0;
  #spans = 0;

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
  }

  /** @throws LimitError */
  addGroup(): void {
    const { maxGroups } = this.#limits;
    if (++this.#groups > maxGroups)
      throw new LimitError(`The request has more than ${readable(maxGroups)} resources and scopes`);
  }

  /** @throws LimitError */
  addSpan(): void {
    const { maxSpans } = this.#limits;
    if (++this.#spans > maxSpans)
      throw new LimitError(`The request has more than ${readable(maxSpans)} spans`);
  }
}

/** The resources and scopes of a request hold too much. */
export function sharedLimitError({ maxSharedValues }: DecodeLimits): LimitError {
  return new LimitError(
    `The resources and scopes of the request have more than ${readable(maxSharedValues)} attributes and values`,
  );
}

/** Why a span that holds too much is left out. */
export function spanLimitReason({ maxSpanValues }: DecodeLimits): string {
  return `the span has more than ${readable(maxSpanValues)} events, links, attributes and values`;
}
