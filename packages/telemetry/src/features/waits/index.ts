// What other rooms take of waits: `tracedDialect` works with a host's own SDK, where no telemetry starts features.

export { hearPools } from './kept-waits.ts';
