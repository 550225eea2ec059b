import type { StoreOptions } from '../options.ts';

/** The store's own tasks, and the consequence of each task's failure. */
const CONSEQUENCES = {
  upkeep: 'The store fails to drop old traces or to save counts, so it may outgrow its cap',
  checkpoint: 'Writing the store’s file fails, so the store takes nothing more',
  writing: 'The store refuses new data, and its senders will send it again',
  reopening: 'The store’s file has failed; until it opens again the store takes and reads nothing',
} as const;

type Task = keyof typeof CONSEQUENCES;

/** The tasks that fail at present, and the losses. */
export class Health {
  readonly #options: StoreOptions;
  readonly #messages = new Map<Task, string>();
  readonly #lost = new Set<string>();

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** Notes how a task ended. @param error undefined for a success */
  note(task: Task, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const isNews = error !== undefined && this.#messages.get(task) !== message;
    if (error === undefined) this.#messages.delete(task);
    else this.#messages.set(task, message);
    if (isNews) this.#options.onFailure?.(task, error);
  }

  /** Notes a loss. @returns false for a known loss: damage is found each time the journal is read */
  noteLoss(sentence: string): boolean {
    if (this.#lost.has(sentence)) return false;
    this.#lost.add(sentence);
    this.#options.onLost?.(sentence);
    return true;
  }

  notices(): string[] {
    const failing = [...this.#messages].map(([task, message]) => `${CONSEQUENCES[task]}: ${message}.`);
    return [...failing, ...this.#lost];
  }
}
