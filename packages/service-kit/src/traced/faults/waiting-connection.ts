import type { DatabaseConnection } from 'kysely';

/** Stands for a connection that is taken only when a wait is over: for one statement, or for a transaction. */
export class WaitingConnection implements DatabaseConnection {
  /** The connection of the open transaction. */
  held: DatabaseConnection | undefined;
  #begin: ((connection: DatabaseConnection) => Promise<void>) | undefined;
  readonly #take: () => Promise<DatabaseConnection>;
  readonly #giveBack: (connection: DatabaseConnection) => Promise<void>;

  /** @param take waits, and takes a connection then */
  constructor(
    take: () => Promise<DatabaseConnection>,
    giveBack: (connection: DatabaseConnection) => Promise<void>,
  ) {
    this.#take = take;
    this.#giveBack = giveBack;
  }

  /** Makes the next statement the first of a transaction, which begins when its wait is over. */
  beginLater(begin: (connection: DatabaseConnection) => Promise<void>): void {
    this.#begin = begin;
  }

  /** Gives back what was kept, if anything. */
  async giveBack(): Promise<void> {
    const connection = this.held;
    this.held = undefined;
    if (connection !== undefined) await this.#giveBack(connection);
  }

  async executeQuery<R>(...args: Parameters<DatabaseConnection['executeQuery']>) {
    if (this.held !== undefined) return this.held.executeQuery<R>(...args);
    const connection = await this.#take();
    try {
      if (this.#begin !== undefined) {
        await this.#begin(connection);
        this.held = connection;
      }
      return await connection.executeQuery<R>(...args);
    } finally {
      if (this.held !== connection) await this.#giveBack(connection);
    }
  }

  async *streamQuery<R>(...args: Parameters<DatabaseConnection['streamQuery']>) {
    if (this.held !== undefined) return yield* this.held.streamQuery<R>(...args);
    const connection = await this.#take();
    try {
      yield* connection.streamQuery<R>(...args);
    } finally {
      await this.#giveBack(connection);
    }
  }
}
