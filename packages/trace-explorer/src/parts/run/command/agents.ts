import { basename } from 'node:path';
import { listed } from '../../../lib/text/words.ts';
import agents from './agents.json' with { type: 'json' };

/** The set-up of a coding agent's own telemetry. */
interface Agent {
  /** The document that names the variables or settings. */
  readonly source: string;
  /** Variables that turn telemetry on. `{endpoint}` is where to send. */
  readonly on?: Readonly<Record<string, string>>;
  /** The variable that decides whether prompts are sent, and its values for no and for yes. */
  readonly prompts?: readonly string[];
  /** Settings without a variable: lines to copy into a file of the user. */
  readonly copy?: string;
  /** The line for an agent that sends prompts in any case. */
  readonly sendsPrompts?: string;
}

const AGENTS: ReadonlyMap<string, Agent> = new Map(Object.entries(agents as Record<string, Agent>));

/** The name of the agent that a command starts; undefined for any other command. */
export function agentOf(command: string): string | undefined {
  const name = basename(command).replace(/\.(?:cmd|exe|ps1)$/i, '');
  return AGENTS.has(name) ? name : undefined;
}

/**
 * The variables of an agent's telemetry. Prompts are off by name unless they are asked for. The caller's own variables stay, except
 * the address to send to.
 */
export function agentVariables(
  name: string | undefined,
  endpoint: string,
  caller: NodeJS.ProcessEnv,
  prompts: boolean,
): Record<string, string> {
  const agent = AGENTS.get(name ?? '');
  const [variable, no, yes] = agent?.prompts ?? [];
  const all = {
    ...Object.fromEntries(
      Object.entries(agent?.on ?? {}).map(([key, value]) => [key, value.replaceAll('{endpoint}', endpoint)]),
    ),
    ...(variable !== undefined && { [variable]: (prompts ? yes : no) ?? '' }),
  };
  const kept = Object.entries(all).filter(
    ([key]) => key.endsWith('_ENDPOINT') || (prompts && key === variable) || caller[key] === undefined,
  );
  return Object.fromEntries(kept);
}

/** The lines before `run` starts an agent: variables that it sets, or lines to copy, and whether prompts are sent. */
export function agentNotes(
  name: string,
  endpoint: string,
  env: NodeJS.ProcessEnv,
  prompts: boolean,
): string[] {
  const agent = AGENTS.get(name);
  if (agent === undefined) return [];
  const set = Object.keys(agent.on ?? {});
  const [variable, no] = agent.prompts ?? [];
  const copied = (agent.copy ?? '').replaceAll('{endpoint}', endpoint).replace('{prompts}', String(prompts));
  const isOff = variable !== undefined && env[variable] === no;
  return [
    set.length > 0
      ? `${name} sends telemetry: ${listed(set)} (${agent.source}).`
      : `${name} has no variable for its telemetry (${agent.source}). If it has no set-up yet, copy this ${copied}`,
    ...(variable === undefined
      ? []
      : [
          isOff
            ? `It leaves out prompts: ${variable}=${no}. --prompts sends them.`
            : `It sends prompts to the explorer: ${variable}=${env[variable] ?? ''}.`,
        ]),
    ...(agent.sendsPrompts === undefined ? [] : [agent.sendsPrompts]),
  ];
}
