import { YOUNG_ALLOCATIONS } from '../lib/node-options.ts';

/** A way to start the pair. */
export interface Variant {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly nodeOptions: readonly string[];
}

/** As the start commands start it. The untraced pair has the same flags. */
export const TRACED = 'traced';
const UNTRACED = 'OTEL_SDK_DISABLED=true';
const WITHOUT_LOGS = 'traced, without log records';
const bare = (name: string) => `${name}, without ${YOUNG_ALLOCATIONS}`;

const started = { nodeOptions: [YOUNG_ALLOCATIONS] };
const disabled = { OTEL_SDK_DISABLED: 'true' };

export const VARIANTS: readonly Variant[] = [
  { name: TRACED, env: {}, ...started },
  { name: UNTRACED, env: disabled, ...started },
  { name: WITHOUT_LOGS, env: { OTEL_LOGS_EXPORTER: 'none' }, ...started },
  { name: bare(TRACED), env: {}, nodeOptions: [] },
  { name: bare(UNTRACED), env: disabled, nodeOptions: [] },
];

/** Which variant is compared with which, and the most that is aimed at. */
export const COMPARED: readonly (readonly [string, string, number?])[] = [
  [TRACED, UNTRACED, 1.2],
  [WITHOUT_LOGS, UNTRACED],
  [bare(TRACED), bare(UNTRACED)],
  [TRACED, bare(TRACED)],
  [UNTRACED, bare(UNTRACED)],
];
