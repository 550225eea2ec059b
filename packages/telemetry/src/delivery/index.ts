export type { DeliveryCounters, DestinationCounters, LossReason } from './counters.ts';
export { createDelivery } from './create-delivery.ts';
export type { Delivery, DeliveryOptions, SpoolSettings } from './delivery.ts';
