import { basename } from 'node:path';
import { listed } from '../../shared/words.ts';

/** What a coding agent needs for its own telemetry. */
interface Agent {
  /** The document that names the variables or settings. */
  readonly source: string;
  /** Variables that turn telemetry on. */
  readonly on?: (endpoint: string) => Readonly<Record<string, string>>;
  /** The variable that decides whether prompts are sent, with its values for no and for yes. */
  readonly prompts?: readonly [name: string, no: string, yes: string];
  /** What no variable does: lines to copy into a file of the user. */
  readonly copy?: (endpoint: string, prompts: boolean) => string;
  /** Said where prompts are sent in any case. */
  readonly sendsPrompts?: string;
}

/** Agents by the name of their command. */
const AGENTS: ReadonlyMap<string, Agent> = new Map<string, Agent>([
  [
    'claude',
    {
      source: 'https://code.claude.com/docs/en/monitoring-usage',
      on: () => ({
        CLAUDE_CODE_ENABLE_TELEMETRY: '1',
        // Spans, and TRACEPARENT for the commands that it starts.
        CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: '1',
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_LOGS_EXPORTER: 'otlp',
      }),
      prompts: ['OTEL_LOG_USER_PROMPTS', '0', '1'],
    },
  ],
  [
    'gemini',
    {
      source: 'https://geminicli.com/docs/cli/telemetry',
      on: (endpoint) => ({
        GEMINI_TELEMETRY_ENABLED: 'true',
        GEMINI_TELEMETRY_TARGET: 'local',
        GEMINI_TELEMETRY_OTLP_ENDPOINT: endpoint,
        GEMINI_TELEMETRY_OTLP_PROTOCOL: 'http',
      }),
      // On by default.
      prompts: ['GEMINI_TELEMETRY_LOG_PROMPTS', 'false', 'true'],
    },
  ],
  [
    'copilot',
    {
      source:
        'https://docs.github.com/en/copilot/reference/enterprise-administrators/opentelemetry-reference',
      on: () => ({ COPILOT_OTEL_ENABLED: 'true' }),
      prompts: ['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT', 'false', 'true'],
    },
  ],
  [
    'codex',
    {
      source: 'https://developers.openai.com/codex/config-advanced',
      copy: (endpoint, prompts) => {
        const to = (signal: string) =>
          `{ otlp-http = { endpoint = "${endpoint}/v1/${signal}", protocol = "binary" } }`;
        return `in ~/.codex/config.toml:

[otel]
exporter = ${to('logs')}
trace_exporter = ${to('traces')}
log_user_prompt = ${prompts}
`;
      },
    },
  ],
  [
    'opencode',
    {
      source: 'https://opencode.ai/config.json',
      copy: () => `in opencode.json:

{ "experimental": { "openTelemetry": true } }
`,
      sendsPrompts: 'Its spans have prompts and answers, and opencode has no setting that leaves them out.',
    },
  ],
]);

/** The name of the agent that a command starts; undefined for any other command. */
export function agentOf(command: string): string | undefined {
  const name = basename(command).replace(/\.(?:cmd|exe|ps1)$/i, '');
  return AGENTS.has(name) ? name : undefined;
}

/**
 * The variables of an agent's telemetry. Prompts are off by name unless they are asked for. The caller's own variables stay, except
 * the place to send to.
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
    ...agent?.on?.(endpoint),
    ...(variable !== undefined && { [variable]: (prompts ? yes : no) ?? '' }),
  };
  const kept = Object.entries(all).filter(
    ([key]) => key.endsWith('_ENDPOINT') || (prompts && key === variable) || caller[key] === undefined,
  );
  return Object.fromEntries(kept);
}

/** What `run` says before it starts an agent: what is set, or what to copy, and whether prompts are sent. */
export function agentNotes(
  name: string,
  endpoint: string,
  env: NodeJS.ProcessEnv,
  prompts: boolean,
): string[] {
  const agent = AGENTS.get(name);
  if (agent === undefined) return [];
  const set = Object.keys(agent.on?.(endpoint) ?? {});
  const [variable, no] = agent.prompts ?? [];
  const isOff = variable !== undefined && env[variable] === no;
  return [
    set.length > 0
      ? `${name} sends telemetry: ${listed(set)} (${agent.source}).`
      : `${name} has no variable for its telemetry (${agent.source}). If it is not set up yet, copy this ${agent.copy?.(endpoint, prompts) ?? ''}`,
    ...(variable === undefined
      ? []
      : [
          isOff
            ? `Prompts are left out: ${variable}=${no}. --prompts sends them.`
            : `Prompts are sent to the explorer: ${variable}=${env[variable] ?? ''}.`,
        ]),
    ...(agent.sendsPrompts === undefined ? [] : [agent.sendsPrompts]),
  ];
}
