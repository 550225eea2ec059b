/** What the store does without being asked, and what a person should know while it fails. */
const CONSEQUENCES = {
  upkeep: 'Saving counts and dropping old traces fails, so the store may outgrow its cap',
  checkpoint: 'Writing the store’s file fails, so the journal grows',
  journal: 'What is in the journal cannot be written to the store, so nothing more is taken',
  writing: 'What is sent is refused, and asked to come again',
  reopening: 'The store’s file cannot be opened anew, so nothing is taken and nothing can be read',
} as const;

type Task = keyof typeof CONSEQUENCES;

/** Told of a task's failure, for the log; once for the same failure. */
export type OnFailure = (task: Task, error: unknown) => void;

/** Failures of tasks that nobody waits for: each is told once, and shown until the task succeeds again. */
export class Failures {
  readonly #onFailure: OnFailure;
  readonly #messages = new Map<Task, string>();

  constructor(onFailure: OnFailure = () => {}) {
    this.#onFailure = onFailure;
  }

  /** Takes note of how a task ended. @param error undefined when it succeeded */
  note(task: Task, error: unknown): void {
    if (error === undefined) {
      this.#messages.delete(task);
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    if (this.#messages.get(task) === message) return;
    this.#messages.set(task, message);
    this.#onFailure(task, error);
  }

  /** Forgets what failed: the files are others from here on. */
  clear(): void {
    this.#messages.clear();
  }

  /** A sentence for each task that fails at present. */
  notices(): string[] {
    return [...this.#messages].map(([task, message]) => {
      const advice = /disk/u.test(message) ? '' : ' It is tried again; is there room on the disk?';
      return `${CONSEQUENCES[task]}: ${message}.${advice}`;
    });
  }
}
