import { watchArrivals } from '../fastify/server-span.ts';

/** So many requests must have come unsampled before the warning: one is somebody's try. */
const WARN_AFTER = 10;

/** The share of requests below which it is not worth a warning: a few callers that sample are usual. */
const MIN_SHARE = 0.1;

/**
 * Says once why requests make no spans: their callers sent a `traceparent` whose flags say "not sampled", which a sampler
 * that follows its parent takes over. Seen with load balancers, gateways, and browsers that sample.
 */
export function noticeUnsampled(warn: (message: string) => void): void {
  watchArrivals(({ none, sampled, unsampled }) => {
    const all = none + sampled + unsampled;
    if (unsampled < WARN_AFTER || unsampled < all * MIN_SHARE) return true;
    warn(
      `${unsampled} of ${all} requests (${Math.round((unsampled / all) * 100)} %) came with a traceparent that is not ` +
        'sampled (its last digits are 00), so they make no spans here, as their callers ask: a load balancer, a gateway ' +
        'or a browser. Let the caller sample them, or take its traceparent out; or set OTEL_TRACES_SAMPLER=always_on, ' +
        "or the option publicEdge of fastifyTracing, by which strangers' requests begin traces of their own.",
    );
    return false;
  });
}
