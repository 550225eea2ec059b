import { createBackoff } from './backoff.ts';

/** Holds requests to one destination back after a failure, until it is time to try again. */
export class RetryGate {
  readonly #onOpen: () => void;
  readonly #backoff = createBackoff();
  #isFailing = false;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param onOpen called when it is time to try again */
  constructor(onOpen: () => void) {
    this.#onOpen = onOpen;
  }

  /** Whether the last attempt failed: then one probe at a time goes out, until one succeeds. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** Whether nothing may be sent now. */
  get isShut(): boolean {
    return this.#timer !== undefined;
  }

  /** An attempt arrived. */
  succeeded(): void {
    this.#isFailing = false;
    this.#backoff.reset();
  }

  /**
   * An attempt failed. Several requests that were under way together fail together: only the first of them shuts the gate.
   *
   * @returns whether it was that one
   */
  failed(retryAfterSeconds: number | undefined): boolean {
    this.#isFailing = true;
    if (this.isShut || this.#isClosed) return false;
    const waitMs = this.#backoff.next(retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#onOpen();
    }, waitMs).unref();
    return true;
  }

  /** Never opens again. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}
