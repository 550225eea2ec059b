import { chooseColours } from '../../../core/command/terminal/colours.ts';
import { sectionsText } from '../../../core/command/terminal/section-text.ts';
import type { Row, Section } from '../../../core/places/section.ts';
import type { AcceptedEntry } from '../../../core/problems/file/accepted.ts';
import { dayOf, isEnded } from '../../../core/problems/file/entries.ts';
import type { KnownFile } from '../../../core/problems/file/known-file.ts';
import { withOwnFiles } from '../../../core/problems/file/own-files.ts';
import { shortId } from '../../../core/problems/file/short-id.ts';
import { isRule } from '../../../core/problems/problem-key.ts';
import { placeText } from '../../../core/traces/model/code-place.ts';
import { counted } from '../../../lib/text/words.ts';
import { judgedReport, unknownCauses } from '../../report/server/judged.ts';
import type { KnownCall, KnownRun } from './read-run.ts';
import { readFile, readRun } from './read-run.ts';

/** Milliseconds of a day. */
const DAY_MS = 86_400_000;

/** Writes what the file has, whether a run shows it, and which problems of the run the file has not. @throws Error for a file with a fault */
export async function listKnown(asked: KnownCall): Promise<void> {
  const file = await readFile(asked.options);
  // Without a named run the list is worth something by itself.
  const run = await readRun(asked).catch((error: unknown) => {
    if (asked.options.run !== undefined) throw error;
    return undefined;
  });
  process.stdout.write(sectionsText(sectionsOf(file, run), chooseColours()));
}

function sectionsOf(file: KnownFile, run: KnownRun | undefined): readonly [Section, ...Section[]] {
  const { name, entries, isThere, accepted } = file;
  const today = dayOf(new Date());
  const kinds = run && [
    ...run.report.causes.flatMap(({ sightings = [] }) => sightings),
    ...(run.report.weak ?? []),
  ];
  const unseen = new Map(
    kinds && run
      ? accepted.unseen(kinds, run.report.asked ?? [], run.place).map(({ entry, asked }) => [entry, asked])
      : [],
  );
  const rowOf = (entry: AcceptedEntry): Row => {
    const { service, route, rule, operation, sentence = `${rule} of ${operation}`, by, why } = entry;
    const seen = isRule(rule) ? (run === undefined ? [] : [seenText(unseen.get(entry))]) : [STRANGE];
    return {
      cells: [sentence],
      details: [`${service} ${route}`, `${by}: ${why}`, endText(entry, today), ...seen],
    };
  };
  const open = run
    ? withOwnFiles(unknownCauses(judgedReport(run.report, accepted, run.place)), run.folder)
    : [];
  return [
    {
      title: name,
      sentences: [isThere ? `${counted(entries.length, 'known problem')}.` : 'There is no such file.'],
      rows: entries.map(rowOf),
    },
    ...(open.length === 0
      ? []
      : [
          {
            title: 'Problems of the run that are not in it',
            sentences: [],
            rows: open.map(({ id, sentence, ...cause }): Row => {
              return {
                cells: [sentence],
                details: [
                  ...(cause.file === undefined ? [] : [placeText(cause)]),
                  `known add ${shortId(id)}`,
                ],
              };
            }),
          },
        ]),
  ];
}

/** Of an entry whose rule has another name in this version, or comes with a later one. */
const STRANGE = 'this version has no such rule';

function seenText(asked: number | undefined): string {
  if (asked === undefined) return 'seen';
  return asked > 0 ? 'not seen' : 'its route was not asked';
}

function endText(entry: AcceptedEntry, today: string): string {
  const { until } = entry;
  if (until === undefined) return 'without an end';
  if (isEnded(entry, today)) return `ended on ${until}`;
  const days = Math.round((Date.parse(until) - Date.parse(today)) / DAY_MS);
  return days === 0 ? 'ends today' : `${counted(days, 'day')} left`;
}
