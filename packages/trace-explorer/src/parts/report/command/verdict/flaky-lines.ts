import type { Terminal } from '../../../../core/command/terminal/terminal.ts';
import { indented } from '../../../../core/command/terminal/terminal-text.ts';
import { harmlessLine } from '../../../../lib/text/harmless-text.ts';
import { formatCount, quoted } from '../../../../lib/text/words.ts';
import type { FlakyTest } from '../../server/flaky/schemas.ts';

/** Tests that are told, and most characters of a name and of a sentence. */
const [MOST, LONGEST_NAME, LONGEST] = [3, 160, 300];

/** Flaky tests, each with what differs: `~ cart.test.js › pays: failed, then passed`, and the sentence below it. */
export function flakyLines(tests: readonly FlakyTest[], { columns, colours }: Terminal): string[] {
  const rest = tests.length - MOST;
  return [
    ...tests.slice(0, MOST).flatMap(({ test, failed, sentence, file, line }) => {
      const times = failed === 1 ? '' : failed === 2 ? ' twice' : ` ${formatCount(failed)} times`;
      const name = quoted(harmlessLine(test), LONGEST_NAME);
      const [first = '', ...more] = indented(`${name}: failed${times}, then passed`, [4, 4], columns);
      const where = file === undefined ? '' : [file, line].filter((part) => part !== undefined).join(':');
      return [
        `  ${colours.warning('~')} ${first.trimStart()}`,
        ...more,
        ...indented(quoted(harmlessLine(sentence), LONGEST), [6, 6], columns),
        ...(where === ''
          ? []
          : indented(quoted(harmlessLine(where), LONGEST), [6, 6], columns).map(colours.dim)),
      ];
    }),
    ...(rest > 0 ? [colours.dim(`  … and ${formatCount(rest)} more that failed, then passed`)] : []),
  ];
}
