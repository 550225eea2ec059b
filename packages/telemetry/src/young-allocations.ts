import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setFlagsFromString } from 'node:v8';

const REQUEST_START = 'http.server.request.start';

/**
 * Keeps V8 from allocating what a request makes in its old generation ("pretenuring"), from this process's first HTTP
 * request on.
 *
 * V8 decides that in the first seconds, while its young generation is so small that the requests under way fill it.
 * undici's lists of headers then go to the old generation for good, and every young collection moves what they hold
 * there: 5 to 10 % of all that is allocated. A bare service escapes that, one with a tracer does not (see
 * docs/adr/0011-cost-of-tracing.md).
 *
 * Not earlier than the first request: Node's own modules that are loaded after it are compiled without their code cache,
 * which is only valid under the flags it was made with. A command line of Node that sets the flag itself is left alone.
 *
 * @returns stops waiting for the first request
 */
export function keepAllocationsYoung(): () => void {
  const stop = () => unsubscribe(REQUEST_START, atFirstRequest);
  function atFirstRequest(): void {
    stop();
    setFlagsFromString('--no-allocation-site-pretenuring');
  }
  const isDecided = process.execArgv.some((argument) => /allocation[-_]site[-_]pretenuring/.test(argument));
  if (!isDecided) subscribe(REQUEST_START, atFirstRequest);
  return stop;
}
