/** Reasons spelled out in a partial success; the rest is counted. */
const MAX_REASONS = 3;

/** Collects the spans of a request that are refused one by one. */
export class Rejections {
  #reasons: string[] = [];
  count = 0;
  #taken = 0;

  add(resource: number, scope: number, span: number, reason: string): void {
    if (this.count++ < MAX_REASONS) {
      this.#reasons.push(`resourceSpans[${resource}].scopeSpans[${scope}].spans[${span}]: ${reason}`);
    }
  }

  /** How many were added since it was asked last. */
  take(): number {
    const count = this.count - this.#taken;
    this.#taken = this.count;
    return count;
  }

  get hasUntaken(): boolean {
    return this.count > this.#taken;
  }

  /** For people; empty when nothing was refused. */
  get reason(): string {
    const more = this.count - this.#reasons.length;
    return this.#reasons.join('; ') + (more > 0 ? `; and ${more} more` : '');
  }
}
