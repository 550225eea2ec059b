/**
 * Options of Node for every service that takes turns with others. One that waits for some seconds would collect its
 * garbage and give up its young generation: +40 µs a request in the next slice, also without any tracer.
 */
export const EQUAL_FOR_ALL: readonly string[] = ['--no-memory-reducer'];

/** What our telemetry does by itself from the first request on, for those that are compared with it. */
export const YOUNG_ALLOCATIONS = '--no-allocation-site-pretenuring';
