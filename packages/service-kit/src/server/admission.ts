import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AcceptQueue } from './accept-queue.ts';
import type { LoadShedding } from './load-shedding.ts';
import { isAlwaysAnswered } from './load-shedding.ts';
import { RequestTurns } from './request-turns.ts';

/** Requests that are under way or wait: what one core answers in about half a second. */
const MAX_OPEN_REQUESTS = 512;
/**
 * Requests under way that keep one core busy. With fewer, the next one is let in however many wait behind it. With 64, a
 * turn of the event loop takes so long that new connections, of which each turn takes one, pile up before it.
 */
const ENOUGH_TO_DO = 16;
/** Wait for a turn past which half as many are let in: a slow machine must not answer them after many seconds. */
const MAX_WAIT_MS = 500;
/** Seconds after which those that are under way have been answered. */
const RETRY_AFTER_SECONDS = 1;

export interface AdmissionOptions {
  readonly shedding: LoadShedding;
  readonly acceptQueue: AcceptQueue;
  /** Requests under way past which others are refused; 512 when left out. */
  readonly maxOpenRequests?: number | undefined;
}

/** How many requests a server has under way. */
export interface OpenRequests {
  /** Requests that have arrived whole and are not answered yet. */
  readonly count: number;
}

/**
 * Refuses requests, before anything is done for them, while too many others are under way or wait. A longer queue would
 * help nobody: what is in it is answered late, or when its caller has gone. But while there is not enough to do, nobody
 * is refused: those who wait would be refused one after the other, with nobody being answered.
 *
 * Those that are let in get their turn one after the other while connections wait to be taken, see `RequestTurns`.
 *
 * A request counts once it has arrived whole, so slow senders take nobody's place; so does a connection that nobody has
 * taken yet, as its request waits in it. Health checks and metrics are always answered, and do not count.
 */
export function limitOpenRequests(app: FastifyInstance, options: AdmissionOptions): OpenRequests {
  const { shedding, acceptQueue, maxOpenRequests: max = MAX_OPEN_REQUESTS } = options;
  const tooMany = `As many requests as are let in at a time, ${max}, are under way or wait.`;
  const turns = new RequestTurns(acceptQueue, ENOUGH_TO_DO);
  let count = 0;
  const refusal = (request: FastifyRequest) => {
    const isBusy = count >= Math.min(ENOUGH_TO_DO, max);
    const most = turns.longestWait() > MAX_WAIT_MS ? max / 2 : max;
    const isFull = isBusy && count + acceptQueue.length >= most && !isAlwaysAnswered(request);
    if (!isFull) return undefined;
    turns.noteRefused();
    return shedding.refusal(request, 'open_requests', tooMany, RETRY_AFTER_SECONDS);
  };

  app.addHook('onRequest', function refuseEarly(request, _reply, done) {
    acceptQueue.noteRequest();
    done(refusal(request));
  });
  app.addHook('preValidation', function admit(request, reply, done) {
    // Others may have come in while its body arrived.
    const refused = refusal(request);
    if (refused !== undefined || isAlwaysAnswered(request)) return done(refused);
    count++;
    const leaveTurns = turns.enter((hasWaited) => {
      const isLate = request.work.isOver || (hasWaited && isNearlyOver(request));
      done(isLate ? shedding.lateRefusal(request) : undefined);
      return !isLate;
    });
    reply.raw.once('close', () => {
      count--;
      leaveTurns();
    });
  });
  return {
    get count() {
      return count;
    },
  };
}

/**
 * Whether less than a fifth of a request's time is left. Were those who wait let in until nothing is left, a long queue
 * would have each of them begin in its last moment, and none would be answered in time.
 */
function isNearlyOver({ arrival, deadline }: FastifyRequest): boolean {
  return deadline - performance.now() < (deadline - arrival) / 5;
}
