export type { DeliveryCounters, DestinationCounters } from './counters.ts';
export { createDelivery } from './create-delivery.ts';
export { createLogDelivery } from './create-log-delivery.ts';
export type { Delivery, DeliveryOptions } from './delivery.ts';
export type { Pipeline } from './pipeline.ts';
export { createStockDelivery } from './stock-delivery.ts';
