import { counted } from '../shared/words.ts';
import type { Found } from './rule.ts';
import texts from './texts.json' with { type: 'json' };

/** How much a rule of the specification counts, as the specification says. */
type Impact = 'Critical' | 'Important' | 'Normal' | 'Low';

/** What is said when a rule finds something. Words in braces come from what it found. */
interface RuleTexts {
  /** The rule in plain words. */
  readonly title: string;
  /** Only rules of the specification have one. */
  readonly impact?: Impact;
  readonly sentence: string;
  /** What mends it: in Node a line of code or a variable, elsewhere a setting. */
  readonly node: string;
  readonly others: string;
}

export type RuleName = keyof typeof texts;

const TEXTS = texts as Readonly<Record<RuleName, RuleTexts>>;

/** The specification's rules. */
export const SCORED = (Object.keys(TEXTS) as RuleName[]).filter((rule) => TEXTS[rule].impact !== undefined);

export function impactOf(rule: RuleName): Impact | undefined {
  return TEXTS[rule].impact;
}

/** The rule in plain words, the sentence about what it found, without a full stop, and what mends it. */
export function textsOf(rule: RuleName, { count, words }: Found, language?: string) {
  const all: Readonly<Record<string, string>> = {
    rows: counted(count, 'row'),
    spans: counted(count, 'span'),
    records: counted(count, 'log record'),
    traces: counted(count, 'trace'),
    ...words,
  };
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name: string) => all[name] ?? whole);
  const { title, sentence, node, others } = TEXTS[rule];
  return { title, sentence: fill(sentence), mend: fill(language === 'nodejs' ? node : others) };
}
