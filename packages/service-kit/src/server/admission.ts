import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AcceptQueue } from './accept-queue.ts';
import type { EventLoopWait } from './event-loop-wait.ts';
import type { LoadShedding } from './load-shedding.ts';
import { isAlwaysAnswered } from './load-shedding.ts';

/** Requests under way at a time: more than 200 busy connections have, and half a second of work on one core. */
const MAX_OPEN_REQUESTS = 256;
/** Longest that a request may have waited for the event loop. Two turns with 256 requests each take a quarter of it. */
const MAX_WAIT_MS = 2000;
/** Seconds after which those that are under way have been answered. */
const RETRY_AFTER_SECONDS = 1;

export interface AdmissionOptions {
  readonly shedding: LoadShedding;
  readonly wait: EventLoopWait;
  readonly acceptQueue: AcceptQueue;
  /** Requests under way past which others are refused; 256 when left out. */
  readonly maxOpenRequests?: number | undefined;
}

/** How many requests a server has under way. */
export interface OpenRequests {
  /** Requests that have arrived whole and are not answered yet. */
  readonly count: number;
}

/**
 * Refuses requests, before anything is done for them, while too many others are under way, and when they have waited
 * too long for the event loop. A queue would help nobody: what is in it is answered late, or when its caller has gone.
 *
 * A request counts once it has arrived whole, so slow senders take nobody's place; so does a connection that nobody has
 * taken yet, as its request waits in it. Health checks and metrics are always
 * answered, and do not count.
 */
export function limitOpenRequests(app: FastifyInstance, options: AdmissionOptions): OpenRequests {
  const { shedding, wait, acceptQueue, maxOpenRequests: max = MAX_OPEN_REQUESTS } = options;
  const tooMany = `As many requests as are let in at a time, ${max}, are under way or wait.`;
  let count = 0;
  const leave = () => {
    count--;
  };
  const refusal = (request: FastifyRequest) => {
    const isFull = count + acceptQueue.length >= max && !isAlwaysAnswered(request);
    return isFull ? shedding.refusal(request, 'open_requests', tooMany, RETRY_AFTER_SECONDS) : undefined;
  };

  app.addHook('onRequest', function refuseEarly(request, _reply, done) {
    acceptQueue.take();
    if (wait.longest() > MAX_WAIT_MS && !isAlwaysAnswered(request))
      done(shedding.refusal(request, 'event_loop_delay', 'It came too long ago.', RETRY_AFTER_SECONDS));
    else done(refusal(request));
  });
  app.addHook('preValidation', function admit(request, reply, done) {
    // Others may have come in while its body arrived.
    const refused = refusal(request);
    if (refused === undefined && !isAlwaysAnswered(request)) {
      count++;
      reply.raw.once('close', leave);
    }
    done(refused);
  });
  return {
    get count() {
      return count;
    },
  };
}
