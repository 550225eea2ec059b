import { createHash } from 'node:crypto';
import type { Accepted } from '../../../core/problems/file/accepted.ts';
import { comparedKey } from '../../../core/problems/file/accepted.ts';
import { withOwnFiles } from '../../../core/problems/file/own-files.ts';
import { repositoryPath } from '../../../core/problems/file/repository-path.ts';
import { categoryOf } from '../../../core/problems/problem-key.ts';
import type { Sighting } from '../../../core/problems/schemas.ts';
import { sentenceOf } from '../../../core/problems/sentence.ts';
import { harmlessLine } from '../../../lib/text/harmless-text.ts';
import { VERSION } from '../../../lib/version.ts';
import type { RunReport } from '../server/schemas.ts';

/** A log of SARIF 2.1.0, as far as this file writes it. https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html */
export interface SarifLog {
  readonly $schema: string;
  readonly version: '2.1.0';
  readonly runs: readonly [SarifRun];
}
interface SarifRun {
  readonly tool: {
    readonly driver: {
      readonly name: string;
      readonly version: string;
      readonly rules: readonly {
        readonly id: string;
        readonly shortDescription: { readonly text: string };
      }[];
    };
  };
  readonly columnKind: 'utf16CodeUnits';
  readonly results: readonly SarifResult[];
}
interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: { readonly text: string };
  readonly locations: readonly [
    {
      readonly physicalLocation: {
        readonly artifactLocation: { readonly uri: string };
        readonly region: { readonly startLine: number };
      };
    },
  ];
  readonly partialFingerprints: { readonly 'tandemCause/v1': string };
  readonly suppressions?: readonly [
    { readonly kind: 'external'; readonly status: 'accepted'; readonly justification: string },
  ];
}

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
/** Most characters of a path: no repository has a longer one. */
const LONGEST_PATH = 1_000;

/**
 * The problems of a run as a log for code scanning, one result for each kind of sighting that has a place in the repository.
 * @param place of the run's folder in its repository; undefined where nobody knows
 * @param folder the same folder, where it is there
 * @returns also how many problems have no place: code scanning shows nothing without one
 */
export function sarifOf(
  { causes }: Pick<RunReport, 'causes'>,
  accepted: Accepted | undefined,
  place: string | undefined,
  folder?: string,
): { readonly log: SarifLog; readonly without: number } {
  const rules = [...new Set(causes.map(({ rule }) => rule))].toSorted();
  const results = causes.map(({ sightings = [], fact = false }) =>
    sightings
      .filter(({ weak }) => !weak)
      .flatMap((kind) => {
        const why = accepted?.judge([kind], place).known?.why;
        return resultOf(withOwnFiles(kind, folder), rules, fact, why, place) ?? [];
      }),
  );
  const driver = { name: 'Tandem', version: VERSION, rules: rules.map(ruleOf) };
  const run: SarifRun = { tool: { driver }, columnKind: 'utf16CodeUnits', results: results.flat() };
  return {
    log: { $schema: SCHEMA, version: '2.1.0', runs: [run] },
    without: results.filter((of) => of.length === 0).length,
  };
}

function ruleOf(rule: string): SarifRun['tool']['driver']['rules'][number] {
  const any = { service: 'the service', name: 'an operation', kind: '', type: '', message: '', target: '' };
  return { id: rule, shortDescription: { text: sentenceOf({ ...any, rule }) } };
}

function resultOf(
  kind: Sighting,
  rules: readonly string[],
  isFact: boolean,
  why: string | undefined,
  place: string | undefined,
): SarifResult | undefined {
  const { file, line: startLine } = kind;
  const uri = file === undefined || place === undefined ? undefined : uriOf(file, place);
  if (uri === undefined || startLine === undefined || startLine < 1) return undefined;
  return {
    ruleId: kind.rule,
    ruleIndex: rules.indexOf(kind.rule),
    level: isFact ? 'note' : categoryOf(kind.rule) === 'errors' ? 'error' : 'warning',
    message: { text: harmlessLine(kind.sentence) },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine } } }],
    partialFingerprints: { 'tandemCause/v1': fingerprintOf(kind) },
    ...(why !== undefined && {
      suppressions: [{ kind: 'external', status: 'accepted', justification: harmlessLine(why) }],
    }),
  };
}

/** A file as a URI that is relative to its repository; undefined for what is outside of it, or hides something. */
function uriOf(file: string, place: string): string | undefined {
  const path = repositoryPath(file, place);
  if (path === undefined || harmlessLine(path) !== path || path.length > LONGEST_PATH) return undefined;
  return path.split('/').map(encodeURIComponent).join('/');
}

/** A moved file shows no new alert. */
function fingerprintOf(kind: Sighting): string {
  return createHash('sha256').update(comparedKey(kind)).digest('hex');
}
