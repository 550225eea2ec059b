export { assertNoOrphans } from './assert-no-orphans.ts';
export { assertTrace } from './assert-trace.ts';
export type { SpanNode } from './span-tree.ts';
export { printTree, spanTree } from './span-tree.ts';
export type { TestTelemetry, TestTelemetryOptions } from './test-telemetry.ts';
export { createTestTelemetry } from './test-telemetry.ts';
