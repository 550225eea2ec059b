export type { DeliveryCounters, DestinationCounters } from './counters.ts';
export { createDelivery } from './create-delivery.ts';
export type { Delivery, DeliveryOptions } from './delivery.ts';
export { createStockDelivery } from './stock-delivery.ts';
