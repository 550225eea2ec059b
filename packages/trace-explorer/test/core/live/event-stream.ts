import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { get } from 'node:http';
import { until } from '../../../../../test/helpers/until.ts';

export interface ReceivedEvent {
  readonly id: string;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it expects of an event
  readonly data: any;
}

/** A client of server-sent events that hands them out one by one. */
export class EventStream {
  readonly response: IncomingMessage;
  /** How many heartbeat comments have come. */
  heartbeats = 0;
  readonly #request: ClientRequest;
  readonly #events: ReceivedEvent[] = [];
  #buffer = '';

  static async open(url: string, lastEventId?: string): Promise<EventStream> {
    const headers = {
      accept: 'text/event-stream',
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    const request = get(url, { headers, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return new EventStream(request, response);
  }

  constructor(request: ClientRequest, response: IncomingMessage) {
    this.#request = request;
    this.response = response;
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => this.#take(chunk));
    response.on('error', () => {});
    request.on('error', () => {});
  }

  /** The next event with this name; others before it are passed over. */
  async next(name: string): Promise<ReceivedEvent> {
    const look = () => {
      for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
        if (event.event === name) return event;
      }
      return undefined;
    };
    return until(look, { what: `an event ${name}` });
  }

  close(): void {
    this.#request.destroy();
  }

  #take(chunk: string): void {
    this.#buffer += chunk;
    const blocks = this.#buffer.split('\n\n');
    this.#buffer = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1] ?? '';
      if (block.startsWith(':')) this.heartbeats += 1;
      else
        this.#events.push({
          id: field('id'),
          event: field('event'),
          data: JSON.parse(field('data') || 'null'),
        });
    }
  }
}
