import { formatDuration } from '../../shared/format-duration.ts';

/** The tokens of a call of a model; a number is undefined where the spans do not say it. */
export interface Usage {
  readonly model: string | undefined;
  /** Tokens. */
  readonly given: number | undefined;
  readonly made: number | undefined;
  /** In US dollars, as the sender worked it out. */
  readonly cost: number | undefined;
  /** Milliseconds until the first token. */
  readonly first?: number | undefined;
}

type Facts = readonly (readonly [name: string, value: string])[];

/** The model, tokens and cost among the facts of a call, by the names of several conventions and agents. */
export function usageOf(facts: Facts): Usage {
  const of = (pattern: RegExp) => facts.find(([name]) => pattern.test(name))?.[1];
  const count = (pattern: RegExp) => {
    const value = Number(of(pattern) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  const model = of(/response\.model$/) ?? of(/(?:request\.model|model_name|model\.id|^model)$/);
  const given = count(/(?:^|usage\.)(?:input|prompt)_?tokens$|token_count\.prompt$|^input_token_count$/i);
  // Claude Code counts tokens of a cache beside the input, others within it.
  const cached = (count(/^cache_read_tokens$/) ?? 0) + (count(/^cache_creation_tokens$/) ?? 0);
  return {
    model,
    given: given === undefined ? undefined : given + cached,
    made: count(/(?:^|usage\.)(?:output|completion)_?tokens$|token_count\.completion$|^output_token_count$/i),
    first: count(/^(?:ttft_ms|copilot_chat\.time_to_first_token|ai\.response\.msToFirstChunk)$/),
    cost: count(/(?:^|\.)(?:total_)?cost(?:_usd)?$|cost\.total$/i),
  };
}

/** Whether a call tells its tokens. */
export function isCounted({ given, made }: Usage): boolean {
  return given !== undefined || made !== undefined;
}

/** All together. A number that no call says stays undefined. */
export function usageTogether(all: readonly Usage[]): Omit<Usage, 'model' | 'first'> {
  const sum = (pick: (usage: Usage) => number | undefined) =>
    all.map(pick).reduce((total, each) => (each === undefined ? total : (total ?? 0) + each), undefined);
  return { given: sum(({ given }) => given), made: sum(({ made }) => made), cost: sum(({ cost }) => cost) };
}

/** `gpt-4 · 12 tokens in · 34 out · $0.0021` */
export function usageText({
  model,
  given,
  made,
  cost,
  first,
}: Omit<Usage, 'model'> & { readonly model?: string | undefined }) {
  const parts = [
    model,
    given !== undefined && `${given.toLocaleString('en')} tokens in`,
    made !== undefined && `${made.toLocaleString('en')} out`,
    first !== undefined && `first token after ${formatDuration(first)}`,
    cost !== undefined && `$${cost.toPrecision(3)}`,
  ];
  return parts.filter(Boolean).join(' · ');
}
