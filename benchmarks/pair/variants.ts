import { YOUNG_ALLOCATIONS } from '../lib/node-options.ts';
import { LEFT_OUT, PARTS } from '../lib/parts.ts';

/** A way to start the pair. */
export interface Variant {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly nodeOptions: readonly string[];
}

/** What is measured in one run. The first variant is the traced pair. */
export interface Plan {
  /** Name of the result. */
  readonly name: string;
  readonly title: string;
  readonly option: string;
  readonly variants: readonly Variant[];
  /** Requests to each pair before its first slice. */
  readonly warmUp: number;
}

export const TRACED = 'traced';
export const UNTRACED = 'OTEL_SDK_DISABLED=true';
export const UNTRACED_YOUNG = `${UNTRACED}, ${YOUNG_ALLOCATIONS}`;

// As the start commands start it.
const traced = { name: TRACED, env: {}, nodeOptions: [YOUNG_ALLOCATIONS] };
const untraced = { name: UNTRACED, env: { OTEL_SDK_DISABLED: 'true' }, nodeOptions: [] };

export const TRACED_AND_NOT: Plan = {
  name: 'pair',
  title: 'Pair: the home feed, traced and not',
  option: '',
  variants: [
    traced,
    { ...traced, name: `${TRACED}, without ${YOUNG_ALLOCATIONS}`, nodeOptions: [] },
    untraced,
    // The untraced pair gains by the option too.
    { ...untraced, name: UNTRACED_YOUNG, nodeOptions: [YOUNG_ALLOCATIONS] },
  ],
  warmUp: 30_000,
};

/** The traced pair, without one part each. */
export const SWAPS: Plan = {
  name: 'pair-swaps',
  title: 'Pair: the home feed, traced without one part',
  option: ' --swaps',
  variants: [
    traced,
    untraced,
    ...PARTS.map((part) => ({
      name: `without ${part}`,
      env: { [LEFT_OUT]: part },
      nodeOptions: [YOUNG_ALLOCATIONS, '--import', import.meta.resolve('./register.ts')],
    })),
    { ...traced, name: 'without export of spans', env: { OTEL_TRACES_EXPORTER: 'none' } },
    { ...traced, name: 'without log records', env: { OTEL_LOGS_EXPORTER: 'none' } },
  ],
  warmUp: 20_000, // seven pairs in less than nine minutes
};
