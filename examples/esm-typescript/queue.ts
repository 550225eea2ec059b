import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';

interface Message<T> {
  readonly body: T;
  /** As the headers of a request: what a message of RabbitMQ, SQS or BullMQ carries beside its body. */
  readonly headers: Record<string, string>;
}

/** A queue. Its worker continues the trace of the message's sender. */
export class Queue<T> {
  readonly #work: (body: T) => Promise<void>;

  constructor(work: (body: T) => Promise<void>) {
    this.#work = work;
  }

  add(body: T): void {
    const headers: Record<string, string> = {};
    propagation.inject(context.active(), headers);
    setImmediate(() => this.#receive({ body, headers }));
  }

  #receive({ body, headers }: Message<T>): void {
    context.with(propagation.extract(ROOT_CONTEXT, headers), () => this.#work(body));
  }
}
