import { formatDuration } from '../../../../lib/text/format-duration.ts';

/** The tokens of a call of a model; a number is undefined where the spans do not say it. */
export interface Usage {
  readonly model: string | undefined;
  /** Tokens. */
  readonly tokensIn: number | undefined;
  readonly tokensOut: number | undefined;
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
  const tokensIn = count(/(?:^|usage\.)(?:input|prompt)_?tokens$|token_count\.prompt$|^input_token_count$/i);
  // Claude Code counts tokens of a cache beside the input, others within it.
  const cached = (count(/^cache_read_tokens$/) ?? 0) + (count(/^cache_creation_tokens$/) ?? 0);
  return {
    model,
    tokensIn: tokensIn === undefined ? undefined : tokensIn + cached,
    tokensOut: count(
      /(?:^|usage\.)(?:output|completion)_?tokens$|token_count\.completion$|^output_token_count$/i,
    ),
    first: count(/^(?:ttft_ms|copilot_chat\.time_to_first_token|ai\.response\.msToFirstChunk)$/),
    cost: count(/(?:^|\.)(?:total_)?cost(?:_usd)?$|cost\.total$/i),
  };
}

/** Whether a call tells its tokens. */
export function isCounted({ tokensIn, tokensOut }: Usage): boolean {
  return tokensIn !== undefined || tokensOut !== undefined;
}

/** All together. A number that no call says stays undefined. */
export function usageTogether(all: readonly Usage[]): Omit<Usage, 'model' | 'first'> {
  const sum = (pick: (usage: Usage) => number | undefined) =>
    all.map(pick).reduce((total, each) => (each === undefined ? total : (total ?? 0) + each), undefined);
  return {
    tokensIn: sum(({ tokensIn }) => tokensIn),
    tokensOut: sum(({ tokensOut }) => tokensOut),
    cost: sum(({ cost }) => cost),
  };
}

/** `gpt-4 · 12 tokens in · 34 out · $0.0021` */
export function usageText({
  model,
  tokensIn,
  tokensOut,
  cost,
  first,
}: Omit<Usage, 'model'> & { readonly model?: string | undefined }) {
  const parts = [
    model,
    tokensIn !== undefined && `${tokensIn.toLocaleString('en')} tokens in`,
    tokensOut !== undefined && `${tokensOut.toLocaleString('en')} out`,
    first !== undefined && `first token after ${formatDuration(first)}`,
    cost !== undefined && `$${cost.toPrecision(3)}`,
  ];
  return parts.filter(Boolean).join(' · ');
}
