import { subscribe } from 'node:diagnostics_channel';
import type { fastifyTracing as FastifyTracing, StartInstrumentation } from '@tandem/telemetry';
import type { FastifyInstance } from 'fastify';

/** The variable that names the part of the pair's telemetry which a measured service leaves out. */
export const LEFT_OUT = 'BENCH_LEFT_OUT';

/** The parts that LEFT_OUT can name. Variables of the telemetry leave out further parts. */
export const PARTS = ['response headers', 'baggage attributes', 'corrections of undici'] as const;

/** The used exports of a copy of @tandem/telemetry: the workspace's, or the packed one. */
interface Copy {
  readonly fastify: () => StartInstrumentation;
  readonly fastifyTracing: typeof FastifyTracing;
  readonly pino: () => StartInstrumentation;
  readonly undici: () => StartInstrumentation;
}

/**
 * What the pair's telemetry starts, without the part that LEFT_OUT names.
 *
 * @param responseHeaders the requests whose responses have trace headers; left out: the usual ones
 * @param load `require` of a place that has the official packages
 */
export function listedParts(
  { fastify, fastifyTracing, pino, undici }: Copy,
  load: NodeJS.Require,
  responseHeaders?: () => boolean,
) {
  const isOut = (part: (typeof PARTS)[number]) => process.env[LEFT_OUT] === part;
  const traceResponse = isOut('response headers') ? () => false : responseHeaders;
  /** Sets options before the service does. */
  function fastifyOptions(): undefined {
    subscribe('fastify.initialization', (message) => {
      const { fastify: app } = message as { fastify: FastifyInstance };
      fastifyTracing(app, traceResponse ? { traceResponse } : {}, () => {});
    });
  }
  /** As the official package has it. */
  function bareUndici(): () => void {
    const { UndiciInstrumentation } = load('@opentelemetry/instrumentation-undici');
    const instrumentation = new UndiciInstrumentation();
    return () => instrumentation.disable();
  }
  return {
    baggageAttributes: isOut('baggage attributes') ? [] : ['user.id', 'tandem.scenario'],
    instrumentations: [
      fastify(),
      fastifyOptions,
      isOut('corrections of undici') ? bareUndici : undici(),
      pino(),
    ],
  };
}
