import { setTimeout as wait } from 'node:timers/promises';
import type { Context } from '@opentelemetry/api';
import { context, createContextKey, propagation, trace } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Fault } from './fault.ts';
import { FAULT, FAULT_FORMS, parseFault } from './fault.ts';
import { Problem, problems } from './problems.ts';

const KEY = createContextKey(FAULT);

/** A context that knows the request's fault; its baggage carries the fault on to the services that are called. */
export function withFault(ctx: Context, fault: Fault): Context {
  const baggage = propagation.getBaggage(ctx) ?? propagation.createBaggage();
  return propagation.setBaggage(ctx.setValue(KEY, fault), baggage.setEntry(FAULT, { value: fault.text }));
}

/** The fault, of `part` or of any, that the request being answered asks for; undefined nearly always. */
export function activeFault(part?: string): Fault | undefined {
  const fault = context.active().getValue(KEY) as Fault | undefined;
  return part === undefined || fault?.part === part ? fault : undefined;
}

/** Says on the active span which fault happens in it. */
export function markFault(fault: Fault): void {
  trace.getActiveSpan()?.setAttribute(FAULT, fault.text);
}

/**
 * Lets requests ask for faults, by the header `tandem.fault` or the baggage entry of that name. A fault of `service`
 * itself happens on arrival; another when its part is reached, here or in the service that is called. To be
 * registered only with FAULT_INJECTION=true: without it the header means nothing.
 */
export function injectFaults(app: FastifyInstance, service: string): void {
  app.addHook('onRequest', function injectFault(request, reply, done) {
    const fault = faultOf(request);
    if (fault === undefined) return done();
    context.with(withFault(context.active(), fault), () => {
      if (fault.part !== service) return done();
      misbehave(fault, request, reply).then(() => done(), done);
    });
  });
}

/** @throws Problem VALIDATION_FAILED, naming the header and the forms of a fault */
function faultOf({ headers }: FastifyRequest): Fault | undefined {
  const header = headers[FAULT];
  const text = header ?? propagation.getActiveBaggage()?.getEntry(FAULT)?.value;
  if (text === undefined) return undefined;
  const fault = typeof text === 'string' ? parseFault(text.trim()) : undefined;
  if (fault !== undefined) return fault;
  const field = header === undefined ? `baggage/${FAULT}` : FAULT;
  throw problems.VALIDATION_FAILED({
    errors: [{ in: 'header', field, detail: `must be one of ${FAULT_FORMS.join(', ')}` }],
  });
}

async function misbehave(fault: Fault, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (fault.kind === 'n-plus-one' || fault.kind === 'drop-context') return; // happens when it calls other services
  markFault(fault);
  switch (fault.kind) {
    case 'delay':
      return wait(fault.value);
    case 'log-levels':
      return logAtEveryLevel(request);
    case 'throw':
      throw new Error('This request asked for an exception.');
    case 'error':
      throw new Problem('FAULT_INJECTED', {
        status: fault.value,
        title: 'This request asked for a fault',
      });
    case 'abort':
      reply.hijack();
      reply.raw.destroy();
      // Nobody is there to be answered: the request ends here.
      await new Promise<never>(() => {});
  }
}

/** Milliseconds between the lines, so that each can be told from the next in a waterfall. */
const BETWEEN_LINES_MS = 12;

/** Writes a line of each level, also of those that LOG_LEVEL leaves out, with the fields that lines often have. */
async function logAtEveryLevel(request: FastifyRequest): Promise<void> {
  const log = request.log.child({}, { level: 'trace' });
  log.trace('A line of level trace: every step.');
  await wait(BETWEEN_LINES_MS);
  log.debug({ cache: { key: 'home', hit: false } }, 'A line of level debug: what a developer asks for.');
  await wait(BETWEEN_LINES_MS);
  log.info({ step: 3 }, 'A line of level info: what happened.');
  await wait(BETWEEN_LINES_MS);
  log.warn({ step: 4 }, 'A line of level warn: odd, but the request goes on.');
  await wait(BETWEEN_LINES_MS);
  log.error({ err: new Error('An error that was caught.') }, 'A line of level error, with an exception.');
  await wait(BETWEEN_LINES_MS);
  log.fatal('A line of level fatal: a process would end after it.');
}
