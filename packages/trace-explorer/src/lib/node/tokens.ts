import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The tokens of the page as CSS, for what is shown without the page's files. Packing writes them into the command. */
export const tokens: string = readFileSync(join(import.meta.dirname, '../look/tokens.css'), 'utf8');
