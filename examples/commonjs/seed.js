// A script that ends by itself. With TRACEPARENT in its environment, as a pipeline sets it, it is a part of that trace.
const { withEnvironmentContext, withSpan } = require('@tandem/telemetry');

withEnvironmentContext(() => withSpan('seed', { 'seed.rows': 3 }, async () => {}));
