/** Something to be done on disk. It is done in the background, or at once when the process dies. */
export interface DiskTask {
  readonly run: () => Promise<void>;
  /** The same at once, perhaps while `run` is under way: both together have the effect of one. */
  readonly runSync: () => void;
  readonly onDone?: () => void;
  readonly onFailed: (error: unknown) => void;
}

/** Tasks that are done in the order in which they came, one at a time, without anybody waiting for the disk. */
export class DiskTasks {
  /** The first one is under way. */
  #tasks: DiskTask[] = [];
  #worked: Promise<void> = Promise.resolve();

  add(task: DiskTask): void {
    this.#tasks.push(task);
    if (this.#tasks.length === 1) this.#worked = this.#work();
  }

  /** Resolves when nothing is left to do. */
  async settled(): Promise<void> {
    for (let last: Promise<void> | undefined; last !== this.#worked; ) {
      last = this.#worked;
      await last;
    }
  }

  /** Does all that is left before it returns. */
  finishSync(): void {
    for (let task = this.#tasks[0]; task; task = this.#tasks[0]) {
      const { runSync } = task;
      this.#tasks.shift();
      try {
        runSync();
        task.onDone?.();
      } catch (error) {
        task.onFailed(error);
      }
    }
  }

  /** Forgets what is left. */
  drop(): void {
    this.#tasks = [];
  }

  async #work(): Promise<void> {
    for (let task = this.#tasks[0]; task; task = this.#tasks[0]) {
      let failure: { readonly error: unknown } | undefined;
      try {
        await task.run();
      } catch (error) {
        failure = { error };
      }
      if (this.#tasks[0] !== task) return; // finished, or dropped, meanwhile
      // It stays the first one until here: what it has to say may add further tasks.
      if (failure) task.onFailed(failure.error);
      else task.onDone?.();
      this.#tasks.shift();
    }
  }
}
