import type { TraceFacts } from './facts.ts';
import type { FindingRule } from './finding.ts';
import { nameOf, serviceOf, time } from './words.ts';

/** A server may take this long to end after its connection broke. */
const GRACE_NS = 50e6;

/** A service that continued to work after its caller had given up. */
export const workAfterTimeout: FindingRule = {
  name: 'work-after-timeout',
  cause: (place) => `${place} goes on after its caller has given up`,
  find(facts) {
    const { model, end, callee } = facts;
    return Array.from(callee.keys()).flatMap((index) => {
      const server = callee[index] ?? -1;
      const after = (end[server] ?? 0) - (end[index] ?? 0);
      if (server < 0 || after < GRACE_NS || !hasGivenUp(facts, index)) return [];
      const late = (model.offset[server] ?? 0) - (end[index] ?? 0);
      const [service, name] = [serviceOf(model, server), nameOf(model, server)];
      const did = late > 0 ? `began ${name} ${time(late)}` : `worked on ${name} for ${time(after)}`;
      return {
        sentence: `${service} ${did} after ${serviceOf(model, index)} had given up, which waited ${time(model.length[index] ?? 0)}`,
        advice: 'Send the deadline along, and stop the work when the connection closes.',
        indexes: [server, index],
        cost: after,
      };
    });
  },
};

/**
 * Some clients cancel a call and end its span without an error. Then the span above has the error and ends at the same time.
 */
function hasGivenUp({ model, end }: TraceFacts, index: number): boolean {
  if (model.error[index] === 1) return !hasAnswer(model.statusCode(index));
  const up = model.parent[index] ?? -1;
  return model.error[up] === 1 && Math.abs((end[up] ?? 0) - (end[index] ?? 0)) < GRACE_NS;
}

/** Whether a status code came from the server. The client itself sets gRPC's CANCELLED and DEADLINE_EXCEEDED. */
function hasAnswer(status: string | undefined): boolean {
  return status !== undefined && !['0', '1', '4'].includes(status);
}
