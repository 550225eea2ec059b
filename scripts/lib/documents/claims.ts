import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../tools/root.ts';
import { cell, dateOf } from './results.ts';
import { table } from './table.ts';

export const CLAIMS_PATH = 'docs/measurements.md';

/** What Tandem claims of itself in numbers: an item of benchmarks/claims.json. It is kept if each figure is within its bounds. */
interface Claim {
  readonly claim: string;
  readonly target: string;
  /** The name of a file of benchmarks/results. */
  readonly result: string;
  readonly figures: readonly Figure[];
}

/** A figure of the result, with its bound. */
interface Figure {
  /** The row's name and the column. */
  readonly at: readonly [name: string, column: string];
  readonly most?: number;
  readonly least?: number;
  readonly unit?: string;
  /** What it is, where a claim has several. */
  readonly is?: string;
}

/** The table of all claims, with the figures of the last results, and whether these kept them. */
export function claimTable(): string {
  const claims: readonly Claim[] = JSON.parse(readFileSync(join(ROOT, 'benchmarks', 'claims.json'), 'utf8'));
  const rows = claims.map(({ claim, target, result, figures }) => {
    const told = figures.map((figure) => ({ figure, text: cell(result, ...figure.at) }));
    const kept = told.every(({ figure, text }) => isWithin(text, figure)) ? 'yes' : '**no**';
    const measured = told.map(({ figure, text }) => wordsOf(text, figure)).join(', ');
    return [kept, claim, target, measured, `[${dateOf(result)}](../benchmarks/results/${result}.json)`];
  });
  return table(['Kept', 'Claim', 'Target', 'Measured', 'Result'], rows);
}

function isWithin(text: string, { most = Infinity, least = -Infinity }: Figure): boolean {
  if (most === Infinity && least === -Infinity) return true;
  const number = Number.parseFloat(text);
  return number <= most && number >= least;
}

/** `147` as `147 ms`, `0.97 (0.95 … 1.02)` as `0.97`; `28 of 28` stays. */
function wordsOf(text: string, { unit = '', is = '' }: Figure): string {
  const [number = text] = /^[\d.]+(?= \(| %$|$)/.exec(text) ?? [];
  const figure = /^\d{4,}$/.test(number) ? Number(number).toLocaleString('en') : number;
  return [figure, unit, is].filter(Boolean).join(' ');
}
