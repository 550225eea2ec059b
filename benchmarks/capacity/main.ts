import { parseArgs } from 'node:util';
import { UsageError } from '../../scripts/lib/arguments.ts';
import { positive } from '../lib/options.ts';
import { agentSpans } from './agent-spans.ts';
import { fullStore } from './full-store.ts';
import { largeBodies } from './large-bodies.ts';
import { pageRequests } from './page-requests.ts';

const CASES = ['full', 'page', 'agents', 'bodies'] as const;

/** The options it takes. */
export const usage = `[CASE …: ${CASES.join(', ')}] [--rows 10000000] [--most-spans 20000000] [--agent-seconds 3600] [--body NAME] [--data FOLDER]`;

/** What an explorer holds: ordinary spans beyond its cap, a full store as the page reads it, the large ones of coding agents for an hour, and bodies of the size that is accepted. */
export default async function capacity(): Promise<void> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(3),
    allowPositionals: true,
    options: {
      'most-spans': { type: 'string', default: '20000000' },
      'agent-seconds': { type: 'string', default: '3600' },
      body: { type: 'string' },
      rows: { type: 'string', default: '10000000' },
      data: { type: 'string' },
    },
  });
  const unknown = positionals.find((name) => !CASES.some((each) => each === name));
  if (unknown !== undefined)
    throw new UsageError(`There is no case ${unknown}; there are: ${CASES.join(', ')}.`);
  const wanted = new Set(positionals.length === 0 ? CASES : positionals);
  if (wanted.has('full')) await fullStore(positive('--most-spans', values['most-spans']));
  if (wanted.has('page')) await pageRequests(positive('--rows', values.rows), values.data);
  if (wanted.has('bodies')) await largeBodies(values.body);
  if (wanted.has('agents')) await agentSpans(positive('--agent-seconds', values['agent-seconds']));
}
