import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { originOf } from '../../../../core/traces/findings/facts.ts';
import { findingKey, unsaidLine } from '../../../../core/traces/findings/finding.ts';
import { visibleName } from '../../../../lib/text/harmless-text.ts';
import { Disclosure } from '../../../../page/components/disclosure.tsx';
import { Icon } from '../../../../page/components/icon.tsx';
import { formatCount } from '../../../../page/values/format.ts';
import { errorGroups, errorText } from '../state/error-order.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import type { ShownFinding } from '../state/use-findings.ts';

/** Lines that are visible at first. The others unfold. */
const SHOWN = 3;

/**
 * The faults of the trace: findings, then errors that no finding tells. A sentence and its line of code are whole; what stands
 * behind them, such as advice, is cut until the line is chosen. A press marks the spans of a finding, or goes to the error.
 */
export function Findings({ shown }: { shown: ShownTrace }) {
  const { model, findings } = shown;
  const errors = useMemo(() => {
    const told = new Set(findings.flatMap(({ indexes }) => indexes));
    return errorGroups(model).filter((indexes) => !indexes.some((index) => told.has(index)));
  }, [model, findings]);
  const lines = [
    ...findings.map((finding) => (
      <FindingLine key={lineKey(shown, finding)} shown={shown} finding={finding} />
    )),
    ...errors.map((indexes) => <ErrorLine key={`error ${indexes[0]}`} shown={shown} indexes={indexes} />),
  ];
  if (lines.length === 0) return null;
  const others = lines.slice(SHOWN);
  return (
    <section class="findings" aria-label="What is wrong">
      <ul class="finding-list">{lines.slice(0, SHOWN)}</ul>
      {others.length > 0 && (
        <Disclosure label={`${formatCount(others.length)} more`}>
          <ul class="finding-list">{others}</ul>
        </Disclosure>
      )}
    </section>
  );
}

function lineKey({ model }: ShownTrace, finding: ShownFinding): string {
  return `${findingKey(model, finding)} ${finding.sentence}`;
}

function FindingLine({ shown, finding }: { shown: ShownTrace; finding: ShownFinding }) {
  const { model, state, chooseFinding } = shown;
  const { sentence, exception, advice, indexes, place, fact = false } = finding;
  const line = unsaidLine(sentence, place);
  const isChosen = state.finding === findingKey(model, finding);
  return (
    <Line
      hasFailed={!fact && indexes.some((index) => model.error[index] === 1)}
      isFact={fact}
      isChosen={isChosen}
      whole={[[sentence, line].filter(Boolean).join(' '), exception, advice]}
      {...(indexes.length > 0 && {
        onPress: () => chooseFinding(finding),
        leadsTo: isChosen
          ? 'Unmark'
          : `Show ${indexes.length === 1 ? 'the span' : `the ${formatCount(indexes.length)} spans`}`,
      })}
    >
      <span class="finding-said">
        <bdi class={fact ? 'finding-says' : 'finding-says strong'}>
          {sentence}
          {line === '' && '.'}
        </bdi>{' '}
        {line !== '' && <bdi class="mono">{line}.</bdi>}
      </span>{' '}
      <span class="ellipsis">
        {exception !== undefined && <bdi class="mono">{exception}.</bdi>} <span class="muted">{advice}</span>
      </span>
    </Line>
  );
}

function ErrorLine({ shown, indexes }: { shown: ShownTrace; indexes: readonly number[] }) {
  const { model, selected, goTo } = shown;
  const root = originOf(model);
  const index = indexes.includes(root) ? root : (indexes[0] ?? -1);
  const frame = model.frame(index);
  const said = errorText(model, index);
  return (
    <Line
      hasFailed
      isChosen={selected === index}
      whole={[said, frame]}
      onPress={() => goTo(index)}
      leadsTo="Show the span"
      {...(index === root && { hint: 'e' })}
    >
      <span class="finding-said">
        <span class="finding-says strong">
          {indexes.length > 1 && `${formatCount(indexes.length)} × `}
          <bdi>{visibleName(model.name(index))}</bdi> of <bdi>{model.service(index)}</bdi> failed:{' '}
          <bdi>{said}</bdi>
        </span>{' '}
        {frame !== undefined && <bdi class="mono muted">{frame}</bdi>}
      </span>
    </Line>
  );
}

interface LineProps {
  readonly hasFailed: boolean;
  /** It happened, and may be as it should: then it has no mark of a fault. */
  readonly isFact?: boolean;
  readonly isChosen: boolean;
  /** The text of the line, also what is cut of it. */
  readonly whole: readonly (string | undefined)[];
  /** Where a press leads, and the key that leads there, too. Absent: the line says something about the trace as a whole. */
  readonly onPress?: () => void;
  readonly leadsTo?: string;
  readonly hint?: string;
  readonly children: ComponentChildren;
}

function Line({ hasFailed, isFact = false, isChosen, whole, onPress, leadsTo, hint, children }: LineProps) {
  const title = whole.filter((part) => part !== undefined).join('. ');
  const content = (
    <>
      <span class={hasFailed ? 'error-mark' : isFact ? 'faint' : 'odd-mark'}>
        <Icon name={hasFailed ? 'error' : isFact ? 'minus' : 'alert'} />
      </span>
      <span class="finding-text grow">{children}</span>
      {leadsTo !== undefined && (
        <span class="finding-leads muted">
          {leadsTo} {hint !== undefined && <kbd>{hint}</kbd>}
        </span>
      )}
    </>
  );
  return (
    <li class={isChosen ? 'chosen' : undefined} title={title}>
      {onPress === undefined ? (
        <p class="finding strip">{content}</p>
      ) : (
        <button type="button" class="plain finding strip whole" aria-pressed={isChosen} onClick={onPress}>
          {content}
        </button>
      )}
    </li>
  );
}
