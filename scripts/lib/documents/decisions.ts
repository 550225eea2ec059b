import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from '../../../tools/root.ts';

export const DECISIONS_PATH = 'docs/adr/README.md';

/** The list of docs/adr/README.md: the number and title of each decision, from its first line. */
export function decisionList(): string {
  return globSync('docs/adr/[0-9]*.md', { cwd: ROOT })
    .toSorted()
    .map((path) => {
      const [, number, title] = /^# (\d+)\. (.+)$/m.exec(readFileSync(join(ROOT, path), 'utf8')) ?? [];
      return `- [${number}. ${title}](${basename(path)})`;
    })
    .join('\n');
}
