import models from './span-models.json' with { type: 'json' };

/** The entry of one kind of operation in the conventions. */
export interface SpanModel {
  /** As a sentence has it: `HTTP server span`. */
  readonly what: string;
  /** A span with one of these attributes, or a name that they replaced, is of the model; with `values` only with one of these. */
  readonly signs: readonly string[];
  readonly values?: readonly string[];
  /** A span with one of these attributes is of another model. */
  readonly unless?: readonly string[];
  /** The kinds of such spans, and the kinds that contradict the attributes. */
  readonly kinds: readonly string[];
  readonly contradicts?: readonly string[];
  /** Required names, each with the names that say the same, or why there is none. */
  readonly required?: Readonly<Record<string, readonly string[]>>;
  /** Only failed spans, or only spans that did not fail, have to have the attributes. */
  readonly failed?: boolean;
  /** The page that says so, below https://opentelemetry.io/docs/specs/semconv/. */
  readonly page: string;
}

/** By hand, from the pages of release 1.40, because no package has it. */
export const SPAN_MODELS: readonly SpanModel[] = models;
