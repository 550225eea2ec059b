/** Honeycomb's prefixes for fields of other spans of the same trace, each with the spans that it means. */
export const RELATIONS = {
  root: 'the root of the trace',
  parent: 'the span’s parent',
  child: 'one of the span’s children',
  any: 'any span of the trace',
  any2: 'another span, beside any.',
  any3: 'a third span, beside any. and any2.',
  none: 'no span of the trace',
} as const;
export type Relation = keyof typeof RELATIONS;

/** Relations that at most one span of a trace has. A query can group by a field of this span. */
export const SINGLE_RELATIONS: readonly Relation[] = ['root', 'parent'];

/** The relation that a name begins with, and the name of the field on that span; undefined for any other name. */
export function relationOf(
  name: string,
): { readonly relation: Relation; readonly field: string } | undefined {
  const dot = name.indexOf('.');
  const relation = Object.keys(RELATIONS).find((each) => each === name.slice(0, dot));
  return relation === undefined ? undefined : { relation: relation as Relation, field: name.slice(dot + 1) };
}
