import { harmlessLine } from './harmless-text.ts';

/** Escapes a text, so that Markdown shows it as it is: without marks, HTML, links and mentions. */
export function markdownText(text: string): string {
  return harmlessLine(text)
    .replace(/[\\`*_~[\]<>|&#:@]/g, '\\$&')
    .replaceAll('www.', 'www\\.');
}
