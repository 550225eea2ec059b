/** Which of a resource's attributes name something that it is made of, such as its host, and which describe that. */
export interface EntityRef {
  readonly schemaUrl: string;
  /** What it is: `service`, `host` … */
  readonly type: string;
  /** Keys of the resource's attributes. */
  readonly idKeys: readonly string[];
  readonly descriptionKeys: readonly string[];
}
