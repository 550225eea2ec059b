import { counted } from '../../../../lib/text/words.ts';
import type { FindingRule } from '../finding.ts';
import { say } from '../sentence.ts';
import { spanWords } from '../words.ts';

/** A worker's span with links to messages whose traces have not come. */
export const lostProducer: FindingRule = {
  name: 'lost-producer',
  category: 'telemetry',
  cause: (place) => `${place} takes messages whose sender's trace has not come`,
  find({ model }) {
    const lost = model.linked.filter(
      ({ at, side, span }) => side === 'before' && span === undefined && model.kind(at) === 'consumer',
    );
    return [...Map.groupBy(lost, ({ at }) => at)].map(([at, links]) => ({
      sentence: say`${spanWords(model, at)} took ${counted(links.length, 'message')} whose sender's trace has not come`,
      advice: 'See whether the sender samples or drops spans, or sends them elsewhere.',
      indexes: [at],
      cost: links.length,
    }));
  },
};
