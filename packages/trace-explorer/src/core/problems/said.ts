import { counted } from '../../lib/text/words.ts';
import type { AcceptedBy, Cause } from './schemas.ts';

// What the page says of problems, too: nothing here loads the rules.

/**
 * The sentence of a cause, the same wherever it is told: of the example, with its figures, or of the error itself.
 * @param isAlone the reader knows the service
 */
export function saidOf(
  {
    sentence,
    short,
    example,
    short_example,
  }: Pick<Cause, 'sentence' | 'short' | 'example' | 'short_example'>,
  isAlone = false,
): string {
  return isAlone ? (short_example ?? example ?? short) : (example ?? sentence);
}

/** Whether a cause is an error that ends its request: then the error itself says more than the finding of its example. */
export function isPlain({ rule, finding = FAILED }: Pick<Cause, 'rule' | 'finding'>): boolean {
  return rule === 'error' && finding.split(':', 1)[0] === FAILED;
}

const FAILED = 'failed-request';

/** Whether nobody has accepted a problem. */
export function isOpen({ accepted }: { readonly accepted?: unknown }): boolean {
  return accepted === undefined;
}

/** Whether it is a problem that nobody has accepted, and no fact. */
export function isProblem({
  accepted,
  fact,
}: {
  readonly accepted?: unknown;
  readonly fact?: boolean;
}): boolean {
  return accepted === undefined && !fact;
}

/** `3 known problems (tandem-known.json)`; empty for none. */
export function knownText(causes: readonly { readonly accepted?: AcceptedBy | undefined }[]): string {
  const known = causes.flatMap((cause) => cause.accepted ?? []);
  const [first] = known;
  return first === undefined ? '' : `${counted(known.length, 'known problem')} (${first.file})`;
}

/** `accepted by orders team until 2027-01-01`. */
export function acceptedText({ by, until }: Pick<AcceptedBy, 'by' | 'until'>): string {
  return `accepted by ${by}${until === undefined ? '' : ` until ${until}`}`;
}

/** What follows from a project's file with a fault. @param fault the file, and what is wrong with it */
export function knownFaultText(fault: string): string {
  return `${fault}. So no problem counts as known.`;
}
