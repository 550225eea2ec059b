import { maskedIn } from '../../../core/redaction/masked.ts';
import { download } from '../../../page/browser/download.ts';
import { renderReport } from '../markdown-report.ts';
import type { RunReport } from '../server/schemas.ts';

export { renderReport };

/** Downloads a report in Markdown, which people give to others: without secrets. */
export async function saveReport(report: RunReport): Promise<void> {
  download(new Blob([await renderReport(maskedIn(report))], { type: 'text/markdown' }), 'report.md');
}
