import type { Annotated } from '../../../../core/command/annotations.ts';
import type { Terminal } from '../../../../core/command/terminal/terminal.ts';
import { indented } from '../../../../core/command/terminal/terminal-text.ts';
import { placeText } from '../../../../core/traces/model/code-place.ts';
import { harmlessLine } from '../../../../lib/text/harmless-text.ts';
import { formatCount, quoted } from '../../../../lib/text/words.ts';
import { errorText } from '../../cause-rows.ts';
import type { FlakyTest } from '../../server/flaky/schemas.ts';

/** Tests that are told, and most characters of a name and of a sentence. */
const [MOST, LONGEST_NAME, LONGEST] = [3, 160, 300];

/** Flaky tests, each with what differs: `~ cart.test.js › pays: failed, then passed`, and the sentence below it. */
export function flakyLines(tests: readonly FlakyTest[], { columns, colours }: Terminal): string[] {
  const rest = tests.length - MOST;
  return [
    ...tests.slice(0, MOST).flatMap(({ test, failed, sentence, error, file, line }) => {
      const times = failed === 1 ? '' : failed === 2 ? ' twice' : ` ${formatCount(failed)} times`;
      const name = quoted(harmlessLine(test), LONGEST_NAME);
      const [first = '', ...more] = indented(`${name}: failed${times}, then passed`, [4, 4], columns);
      const where = placeText({ file, line });
      return [
        `  ${colours.warning('~')} ${first.trimStart()}`,
        ...more,
        ...indented(quoted(harmlessLine(sentence), LONGEST), [6, 6], columns),
        ...(error === undefined
          ? []
          : indented(quoted(harmlessLine(errorText(error)), LONGEST), [6, 6], columns)),
        ...(where === ''
          ? []
          : indented(quoted(harmlessLine(where), LONGEST), [6, 6], columns).map(colours.dim)),
      ];
    }),
    ...(rest > 0 ? [colours.dim(`  … and ${formatCount(rest)} more that failed, then passed`)] : []),
  ];
}

/** The lines of tests that failed and then passed, for warnings. */
export function flakyPlaces(
  tests: readonly Pick<FlakyTest, 'test' | 'sentence' | 'file' | 'line'>[],
): Annotated[] {
  return tests.flatMap(({ test, sentence, file, line }) =>
    file === undefined ? [] : [{ file, line, what: harmlessLine(`${test} is flaky: ${sentence}`) }],
  );
}
