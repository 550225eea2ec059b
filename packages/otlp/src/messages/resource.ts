import type { Attribute } from './attributes.ts';

/** Says which attributes of a resource identify a thing, such as its host, and which attributes describe the thing. */
export interface EntityRef {
  readonly schemaUrl: string;
  /** The type of the thing: `service`, `host` … */
  readonly type: string;
  /** Keys of the resource's attributes. */
  readonly idKeys: readonly string[];
  readonly descriptionKeys: readonly string[];
}

/** The source of spans: a process, its host, its service. */
export interface Resource {
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  /** Absent without entities. Most senders have none. */
  readonly entityRefs?: readonly EntityRef[];
  readonly schemaUrl: string;
  /** The Resource message in protobuf. */
  readonly raw: Uint8Array;
}

/** The instrumentation that made the spans: a library's name and version. */
export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  readonly schemaUrl: string;
  /** The InstrumentationScope message in protobuf. */
  readonly raw: Uint8Array;
}

/** A resource without its encoded form. */
export type ResourceContent = Omit<Resource, 'raw'>;

/** A scope without its encoded form. */
export type ScopeContent = Omit<Scope, 'raw'>;
