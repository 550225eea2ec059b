import { truncate } from '../../../fields/truncate.ts';
import { quoted } from '../../../shared/words.ts';
import { findResources } from '../../resources.ts';
import type { Rule } from '../../rule.ts';

/** Rows whose own `service.name` moves them to another service, which perhaps no process has. */
export const movedSpan: Rule = (reading) =>
  findResources(
    reading,
    ({ service, text }) => {
      const sent = text('service.name');
      return sent !== undefined && truncate(sent) !== service;
    },
    ({ service, text }) => ({ name: quoted(text('service.name') ?? ''), other: quoted(service) }),
  );
