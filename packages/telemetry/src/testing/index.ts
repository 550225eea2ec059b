export { checkConventions } from '../conventions/index.ts';
export type { SpanNode } from '../span-tree.ts';
export { printTree, spanTree } from '../span-tree.ts';
export type { TestTelemetry, TestTelemetryOptions } from './test-telemetry.ts';
export { createTestTelemetry } from './test-telemetry.ts';
