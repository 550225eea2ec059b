import './plain.ts';
import { createRequire } from 'node:module';

// As in the transport's documentation, beside standard output; its queue holds what comes.
const { pino } = createRequire(import.meta.url)('pino');

Reflect.set(
  globalThis,
  Symbol.for('tandem.logs.destination'),
  pino.multistream([
    { stream: pino.destination(1) },
    {
      stream: pino.transport({
        target: 'pino-opentelemetry-transport',
        options: {
          logRecordProcessorOptions: { recordProcessorType: 'batch', processorConfig: { maxQueueSize: 1e6 } },
        },
      }),
    },
  ]),
);
