import type { Reading } from './reading.ts';

/** How much a rule of the specification counts, as the specification says. */
export type Impact = 'Critical' | 'Important' | 'Normal' | 'Low';

/** A rule's finding in one service. */
export interface Fault {
  readonly service: string;
  /** The number of spans, log records or traces. */
  readonly count: number;
  /** `_seq` of a row that shows it. */
  readonly example: number;
}

type Text<F> = string | ((fault: F) => string);

/** One thing that telemetry may do wrong. */
interface RuleParts<F extends Fault> {
  /** The rule in plain words. */
  readonly title: string;
  /** Only rules of the specification have one. */
  readonly impact?: Impact;
  readonly find: (reading: Reading) => Promise<readonly F[]>;
  /** Says the finding, without a full stop. */
  readonly sentence: (fault: F) => string;
  /** The mend: in Node a line of code or a variable. */
  readonly node: Text<F>;
  /** The mend in other languages, where another setting does it. */
  readonly others?: Text<F>;
}

/** A rule's finding, with its words. */
export interface SaidFault extends Fault {
  readonly sentence: string;
  readonly mend: (language?: string) => string;
}

export interface VerifyRule extends Pick<RuleParts<Fault>, 'title' | 'impact'> {
  readonly find: (reading: Reading) => Promise<readonly SaidFault[]>;
}

/** A rule whose texts know the type of its findings. */
export function verifyRule<F extends Fault>({
  find,
  sentence,
  node,
  others,
  ...about
}: RuleParts<F>): VerifyRule {
  const said = (fault: F): SaidFault => ({
    ...fault,
    sentence: sentence(fault),
    mend: (language) => {
      const text = language === 'nodejs' ? node : (others ?? node);
      return typeof text === 'string' ? text : text(fault);
    },
  });
  return { ...about, find: async (reading) => (await find(reading)).map(said) };
}
