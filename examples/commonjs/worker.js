// Threads get the options of Node that the process was started with, so telemetry runs here already.
const { parentPort, workerData } = require('node:worker_threads');
const { context, propagation, ROOT_CONTEXT } = require('@opentelemetry/api');
const { withSpan } = require('@tandem/telemetry');
const { telemetry } = require('@tandem/telemetry/register');

const caller = propagation.extract(ROOT_CONTEXT, workerData.headers);
const thumbnail = context.with(caller, () => withSpan('resize', {}, () => workerData.image.slice(0, 5)));
telemetry.flush().then(() => parentPort.postMessage(thumbnail));
