import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../tools/root.ts';
import { RELEASED } from '../release.ts';
import { ATTRIBUTES_PATH, attributeTable } from './attributes.ts';
import { badJournalTable, LIMITS_PATH } from './bad-journals.ts';
import { barsSvg } from './bars.ts';
import { boundTable } from './bounds.ts';
import { CLAIMS_PATH, claimTable } from './claims.ts';
import { conventionsTable } from './conventions.ts';
import { DECISIONS_PATH, decisionList } from './decisions.ts';
import { EXPORTS_PATH, exportsText } from './exports.ts';
import { conversationIconsModule, iconsLicence, iconsModule } from './icons.ts';
import { PARTS_PATH, partTable } from './parts.ts';
import { PICTURES } from './pictures.ts';
import { questionTable } from './questions.ts';
import { RELEASE_PATHS, withRelease } from './release.ts';
import { FINDINGS_PATH, ruleTable } from './rules.ts';
import { settingsTables } from './settings.ts';
import { AGENTS_PATH, SKILL_PATH, skillText, toolTable } from './tools.ts';

const BETWEEN_MARKS = /(?<=<!-- tables -->\n)[\s\S]*?(?=\n<!-- end of tables -->)/g;

/** The right text of each file with tables or pictures from code, packages and results, by path. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'docs/reference/settings.md': () => withTables('docs/reference/settings.md', settingsTables()),
  [ATTRIBUTES_PATH]: () => withTables(ATTRIBUTES_PATH, attributeTable()),
  [AGENTS_PATH]: () => withTables(AGENTS_PATH, toolTable(true), toolTable(false)),
  [SKILL_PATH]: skillText,
  [DECISIONS_PATH]: () => withTables(DECISIONS_PATH, decisionList()),
  [EXPORTS_PATH]: exportsText,
  [FINDINGS_PATH]: () => withTables(FINDINGS_PATH, ruleTable()),
  [LIMITS_PATH]: () => withTables(LIMITS_PATH, boundTable('taken'), badJournalTable(), boundTable('shown')),
  [CLAIMS_PATH]: () => withTables(CLAIMS_PATH, questionTable(), claimTable()),
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

/** A document with its tables, in their order. @throws Error where it has another number of places for them */
function withTables(path: string, ...tables: readonly string[]): string {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const places = text.match(BETWEEN_MARKS)?.length ?? 0;
  if (places !== tables.length) throw new Error(`${path} has ${places} places for ${tables.length} tables.`);
  let at = 0;
  return text.replace(BETWEEN_MARKS, () => tables[at++] ?? '');
}
