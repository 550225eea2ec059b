import type { Rule } from './finding.ts';
import { nameOf, serviceOf, time } from './words.ts';

/** A server that is told of the broken connection may take this long to end. */
const GRACE_NS = 50e6;

/** A service went on with work after its caller had given up. */
export const workAfterTimeout: Rule = {
  name: 'work-after-timeout',
  find({ model, end, callee }) {
    return model.errors.flatMap((place) => {
      const { [place]: server = -1 } = callee;
      const after = (end[server] ?? 0) - (end[place] ?? 0);
      if (server < 0 || after < GRACE_NS) return [];
      const late = (model.offset[server] ?? 0) - (end[place] ?? 0);
      const [service, name] = [serviceOf(model, server), nameOf(model, server)];
      const did = late > 0 ? `began ${name} ${time(late)}` : `worked on ${name} for ${time(after)}`;
      return {
        sentence: `${service} ${did} after ${serviceOf(model, place)} had given up, which waited ${time(model.length[place] ?? 0)}`,
        advice: 'Send the deadline along, and stop the work when the connection closes.',
        places: [server, place],
        cost: after,
      };
    });
  },
};
