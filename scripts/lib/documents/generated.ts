import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RELEASED } from '../release.ts';
import { ROOT } from '../root.ts';
import { badJournalTable, LIMITS_PATH } from './bad-journals.ts';
import { barsSvg } from './bars.ts';
import { CLAIMS_PATH, claimTable } from './claims.ts';
import { conventionsTable } from './conventions.ts';
import { conversationIconsModule, iconsLicence, iconsModule } from './icons.ts';
import { PARTS_PATH, partTable } from './parts.ts';
import { PICTURES } from './pictures.ts';
import { RELEASE_PATHS, withRelease } from './release.ts';
import { settingsTables } from './settings.ts';

const BETWEEN_MARKS = /(?<=<!-- tables -->\n)[\s\S]*(?=\n<!-- end of tables -->)/;

/** The right text of each file with tables or pictures from code, packages and results, by path. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'docs/reference/settings.md': () => withTables('docs/reference/settings.md', settingsTables()),
  [LIMITS_PATH]: () => withTables(LIMITS_PATH, badJournalTable()),
  [CLAIMS_PATH]: () => withTables(CLAIMS_PATH, claimTable()),
  [PARTS_PATH]: () => withTables(PARTS_PATH, partTable()),
  ...Object.fromEntries(
    RELEASE_PATHS.map((path) => [
      path,
      () => withRelease(path, readFileSync(join(ROOT, path), 'utf8'), RELEASED),
    ]),
  ),
  'packages/trace-explorer/src/core/conventions/attributes.json': conventionsTable,
  'packages/trace-explorer/src/page/components/lucide/icons.ts': iconsModule,
  'packages/trace-explorer/src/page/components/lucide/of-conversations.ts': conversationIconsModule,
  'packages/trace-explorer/src/page/components/lucide/LICENSE': iconsLicence,
  ...Object.fromEntries(
    Object.entries(PICTURES).flatMap(([name, groups]) =>
      (['light', 'dark'] as const).map((scheme) => [
        `docs/images/${name}-${scheme}.svg`,
        () => barsSvg(groups(), scheme),
      ]),
    ),
  ),
};

function withTables(path: string, tables: string): string {
  return readFileSync(join(ROOT, path), 'utf8').replace(BETWEEN_MARKS, () => tables);
}
