import { linkTo } from '../../../core/places/place.ts';
import { dataset, limit } from '../../../core/tools/arguments.ts';
import type { ToolContext } from '../../../core/tools/tool.ts';
import { tool } from '../../../core/tools/tool.ts';
import { evaluateAny, readTrigger } from '../server/any-trigger.ts';
import { measuredText } from '../server/measured-text.ts';

/** What stands beside the saved queries, as far as this tool needs it. */
interface Saved {
  readonly triggers: readonly { readonly file: string; readonly trigger: unknown }[];
  readonly problems: readonly unknown[];
}

export const getTriggers = tool({
  name: 'get_triggers',
  title: 'Triggers, and which fire',
  description:
    'Triggers of the files of checks and triggers beside the saved queries, each evaluated now: status is holds, fires, no_data or disabled.',
  input: { ...dataset, limit: limit(20, 50) },
  async run({ dataset_slug, limit = 20 }, context) {
    const { triggers, problems } = await context.ask<Saved>('/api/saved');
    const evaluated = [];
    for (const { file, trigger } of triggers.slice(0, limit))
      evaluated.push({ file, ...(await statusOf(trigger, dataset_slug, context)) });
    return {
      link: linkTo(context.page, { view: 'overview', params: {} }),
      ...(problems.length > 0 && { problems }),
      triggers_total: triggers.length,
      triggers: evaluated,
    };
  },
});

/** The outcome of a trigger. A broken one does not keep the others from an answer. */
async function statusOf(given: unknown, dataset: string | undefined, { ask, page }: ToolContext) {
  try {
    const trigger = readTrigger(given);
    const { name, description } = trigger;
    if (trigger.disabled) return { name, description, status: 'disabled' };
    const outcome = await evaluateAny(trigger, ask, { dataset, at: Date.now(), page });
    const isSample = outcome.estimated || outcome.seen !== undefined;
    return { description, ...outcome, ...(isSample && { measured: measuredText(outcome) }) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
