import type { Colours } from '../../../core/command/terminal/colours.ts';
import { sectionsText } from '../../../core/command/terminal/section-text.ts';
import type { Row } from '../../../core/places/section.ts';
import { measuredText } from '../../../core/places/section.ts';
import { shortSections } from '../markdown-report.ts';
import type { ToldReport } from '../sections.ts';

/** A report for a terminal, which shows the escapes of Markdown as they are. */
export function reportText(report: ToldReport, colours: Colours): string {
  const withTime = (row: Row): Row => {
    const { cells, measured } = row;
    const isTold = measured === undefined || measured.before !== undefined;
    return isTold ? row : { ...row, cells: [...cells, measuredText(measured.now, measured.unit)] };
  };
  const sections = shortSections(report).map((section) => ({ ...section, rows: section.rows.map(withTime) }));
  return sectionsText(sections, colours);
}
