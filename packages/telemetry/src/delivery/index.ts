export type { DeliveryCounters, DestinationCounters, LossReason } from './counters.ts';
export { createDelivery } from './create-delivery.ts';
export type { Delivery, DeliveryOptions, SpoolSettings } from './delivery.ts';
export { METRICS_CONTENT_TYPE, renderMetrics } from './render-metrics.ts';
export { createStockDelivery } from './stock-delivery.ts';
