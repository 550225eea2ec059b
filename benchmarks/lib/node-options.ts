/**
 * Options of Node for every service that takes turns with others. One that waits for some seconds would collect its
 * garbage and give up its young generation: +40 µs per request in the next slice, also without any tracer.
 */
export const EQUAL_FOR_ALL: readonly string[] = ['--no-memory-reducer'];

/** The option of V8 in the start commands of this workspace's services. Benchmarks show the gain of others by this option. */
export const YOUNG_ALLOCATIONS = '--no-allocation-site-pretenuring';
