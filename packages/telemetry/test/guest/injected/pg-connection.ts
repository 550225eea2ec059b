import { EventEmitter } from 'node:events';

/**
 * A client for the pools of pg that needs no server.
 * @param answers calls back when a statement is answered
 */
export const connectionOfPg = (answers: (done: () => void) => unknown) =>
  class Connection extends EventEmitter {
    readonly _queryable = true;
    connect(done: () => void): void {
      setImmediate(done);
    }
    /** Asked by the limit of time for a new connection, which a slow machine may exceed. */
    isConnected(): boolean {
      return true;
    }
    query(_text: string, values: unknown, done: () => void): void {
      answers(typeof values === 'function' ? (values as () => void) : done);
    }
    end(done?: () => void): void {
      done?.();
    }
  };
