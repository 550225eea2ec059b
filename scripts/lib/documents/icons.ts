import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The icons of lucide that the frame of the page shows, and those of conversations alone. */
const OF_FRAME = [
  'arrow-down',
  'arrow-right',
  'arrow-up',
  'chart-gantt',
  'check',
  'chevron-down',
  'chevron-left',
  'chevron-right',
  'circle-x',
  'clock',
  'copy',
  'download',
  'ellipsis',
  'git-branch',
  'link',
  'list-filter',
  'maximize',
  'minus',
  'play',
  'plus',
  'refresh-cw',
  'search',
  'text-align-start',
  'triangle-alert',
  'x',
];
const OF_CONVERSATIONS = ['bot', 'message-square', 'wrench'];
const LUCIDE = join(dirname(fileURLToPath(import.meta.resolve('lucide'))), '..', '..');
const SHAPES = /^const \w+ = (\[[\s\S]*?\]);$/m;

/** `icons.ts` of the page: the shapes of its icons, so that nobody installs the 34 MB of all others. */
export function iconsModule(): string {
  return `${headLine()}
/** The shapes of a picture of 24 × 24. */
export type Shapes = readonly (readonly [tag: string, attributes: Readonly<Record<string, string>>])[];

${iconsText(OF_FRAME)}`;
}

/** `of-conversations.ts` beside it: views without conversations do not load it. */
export function conversationIconsModule(): string {
  return `${headLine()}
import type { Shapes } from './icons.ts';

${iconsText(OF_CONVERSATIONS)}`;
}

function headLine(): string {
  const { version } = JSON.parse(readFileSync(join(LUCIDE, 'package.json'), 'utf8'));
  return `// Icons of lucide ${version}, with its licence beside it. \`node tandem documents\` writes this file.
`;
}

function iconsText(names: readonly string[]): string {
  const icons = names.map((name) => {
    const source = readFileSync(join(LUCIDE, 'dist', 'esm', 'icons', `${name}.mjs`), 'utf8');
    const [, shapes] = SHAPES.exec(source) ?? [];
    if (shapes === undefined) throw new Error(`The icon ${name} of lucide has another form than ${SHAPES}.`);
    return `export const ${constantOf(name)}: Shapes = ${shapes.replaceAll(/\s+/g, ' ')};\n`;
  });
  return icons.join('');
}

/** The licence of lucide, which goes into the tarball. */
export function iconsLicence(): string {
  return readFileSync(join(LUCIDE, 'LICENSE'), 'utf8');
}

function constantOf(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
