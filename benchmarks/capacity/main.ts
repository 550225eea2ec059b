import { parseArgs } from 'node:util';
import { positive } from '../lib/options.ts';
import { agentSpans } from './agent-spans.ts';
import { fullStore } from './full-store.ts';
import { largeBodies } from './large-bodies.ts';

const CASES = ['full', 'agents', 'bodies'] as const;

/** What an explorer holds: ordinary spans beyond its cap, the large ones of coding agents for an hour, and bodies of the size that is accepted. */
export default async function capacity(): Promise<void> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(3),
    allowPositionals: true,
    options: {
      'most-spans': { type: 'string', default: '20000000' },
      'agent-seconds': { type: 'string', default: '3600' },
    },
  });
  const unknown = positionals.find((name) => !CASES.some((each) => each === name));
  if (unknown !== undefined) throw new Error(`There is no case ${unknown}; there are: ${CASES.join(', ')}.`);
  const wanted = new Set(positionals.length === 0 ? CASES : positionals);
  if (wanted.has('full')) await fullStore(positive('--most-spans', values['most-spans']));
  if (wanted.has('bodies')) await largeBodies();
  if (wanted.has('agents')) await agentSpans(positive('--agent-seconds', values['agent-seconds']));
}
