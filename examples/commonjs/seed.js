// A script that ends by itself. With TRACEPARENT in its environment, as a pipeline sets it, it is a part of that trace.
const { context, propagation } = require('@opentelemetry/api');
const { withSpan } = require('@tandem/telemetry');

const caller = propagation.extract(context.active(), { traceparent: process.env.TRACEPARENT });
context.with(caller, () => withSpan('seed', { 'seed.rows': 3 }, async () => {}));
