import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** A Markdown text whose links to missing files are plain words. @param path of its file */
export function withoutDeadLinks(text: string, path: string): string {
  return text.replaceAll(/\[([^\]]+)\]\(([^)\s]+)\)/g, (link, words: string, to: string) => {
    const [place = ''] = to.split('#');
    const isThere = /^https?:/.test(to) || place === '' || existsSync(resolve(dirname(path), place));
    return isThere ? link : words;
  });
}
