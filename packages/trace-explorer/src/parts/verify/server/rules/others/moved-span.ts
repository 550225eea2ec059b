import { truncate } from '../../../../../core/fields/truncate.ts';
import { quoted } from '../../../../../lib/text/words.ts';
import { findResources } from '../../resources.ts';
import { verifyRule } from '../../rule.ts';

/** Rows whose own `service.name` moves them to another service, which perhaps no process has. */
export const movedSpan = verifyRule({
  title: 'Spans that count for another service',
  find: (reading) =>
    findResources(reading, ({ service, text }) => {
      const sent = text('service.name');
      return sent !== undefined && truncate(sent) !== service;
    }),
  sentence: ({ rows, service, first }) =>
    `${rows} of ${quoted(first.text('service.name') ?? '')} count for ${quoted(service)}: their own attribute service.name stands above the resource’s`,
  node: 'Another attribute of the span, such as service.peer.name',
});
