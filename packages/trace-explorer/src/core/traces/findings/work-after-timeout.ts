import type { TraceFacts } from './facts.ts';
import type { FindingRule } from './finding.ts';
import { say } from './sentence.ts';
import { nameOf, serviceWords, subjectOf, time } from './words.ts';

/** A server may take this long to end after its connection broke. */
const GRACE_NS = 50e6;

/** A service that needed longer than its caller waited, and mostly went on. */
export const workAfterTimeout: FindingRule = {
  name: 'work-after-timeout',
  category: 'calls',
  cause: (place) => `${place} needs longer than its callers wait`,
  find(facts) {
    const { model, end, callee } = facts;
    return Array.from(callee.keys()).flatMap((index) => {
      const server = callee[index] ?? -1;
      if (server < 0 || !hasGivenUp(facts, index)) return [];
      const after = lastWork(facts, server) - (end[index] ?? 0);
      const goesOn = after >= GRACE_NS;
      if (!goesOn && !model.isLeft(server)) return [];
      const late = (model.offset[server] ?? 0) - (end[index] ?? 0);
      const name = nameOf(model, server);
      const caller = serviceWords(model, index, undefined, 'its caller');
      const worked = late > 0 ? `began ${name} ${time(late)}` : `worked on ${name} for ${time(after)}`;
      const did = goesOn ? `${worked} after` : `was not done with ${name} when`;
      return {
        sentence: say`${subjectOf(model, server)} ${did} ${caller} had given up, which waited ${time(model.length[index] ?? 0)}`,
        advice:
          'Make it faster, or wait longer. Send the deadline along, and stop the work when the connection closes.',
        indexes: [server, index],
        cost: Math.max(0, after),
      };
    });
  },
};

/** When the last work of a request ended. The SERVER span of a client that left ends with its connection, not with its work. */
function lastWork({ model, end }: TraceFacts, server: number): number {
  let last = model.isLeft(server) ? 0 : (end[server] ?? 0);
  const below = model.end[server] ?? 0;
  for (let index = server + 1; index < below; index = model.end[index] ?? below)
    if (model.service(index) === model.service(server)) last = Math.max(last, end[index] ?? 0);
  return last;
}

/**
 * Some clients cancel a call and end its span without an error. Then the span above has the error and ends at the same time. Who
 * fails to send the whole request gives nothing up.
 */
function hasGivenUp({ model, end }: TraceFacts, index: number): boolean {
  if (model.isUploadCut(index)) return false;
  if (model.error[index] === 1) return !hasAnswer(model.statusCode(index));
  const up = model.parent[index] ?? -1;
  return model.error[up] === 1 && Math.abs((end[up] ?? 0) - (end[index] ?? 0)) < GRACE_NS;
}

/** Whether a status code came from the server. The client itself sets gRPC's CANCELLED and DEADLINE_EXCEEDED. */
function hasAnswer(status: string | undefined): boolean {
  return status !== undefined && !['0', '1', '4'].includes(status);
}
