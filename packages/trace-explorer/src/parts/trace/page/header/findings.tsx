import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { visibleName } from '../../../../core/shared/harmless-text.ts';
import { errorCauses, errorText } from '../../../../core/traces/findings/error-order.ts';
import { rootCause } from '../../../../core/traces/findings/facts.ts';
import type { Finding } from '../../../../core/traces/findings/finding.ts';
import { findingKey } from '../../../../core/traces/findings/finding.ts';
import { formatCount } from '../../../../page/values/format.ts';
import type { ShownTrace } from '../state/use-actions.ts';

/** Lines that are visible at first. The others unfold. */
const SHOWN = 3;

/**
 * The faults of the trace: findings, then errors that no finding tells. A line is cut at the window's edge until it is
 * chosen. A click marks the spans of a finding, or goes to the error.
 */
export function Findings({ shown }: { shown: ShownTrace }) {
  const { model, findings } = shown;
  const errors = useMemo(() => {
    const told = new Set(findings.flatMap(({ indexes }) => indexes));
    return errorCauses(model).filter((indexes) => !indexes.some((index) => told.has(index)));
  }, [model, findings]);
  const lines = [
    ...findings.map((finding) => <FindingLine key={keyOf(shown, finding)} shown={shown} finding={finding} />),
    ...errors.map((indexes) => <ErrorLine key={`error ${indexes[0]}`} shown={shown} indexes={indexes} />),
  ];
  if (lines.length === 0) return null;
  const others = lines.slice(SHOWN);
  return (
    <section class="findings plane" aria-label="What is wrong">
      <ul class="finding-list">{lines.slice(0, SHOWN)}</ul>
      {others.length > 0 && (
        <details>
          <summary>{`${formatCount(others.length)} more`}</summary>
          <ul class="finding-list">{others}</ul>
        </details>
      )}
    </section>
  );
}

function keyOf({ model }: ShownTrace, finding: Finding): string {
  return `${findingKey(model, finding)} ${finding.sentence}`;
}

function FindingLine({ shown, finding }: { shown: ShownTrace; finding: Finding }) {
  const { model, state, chooseFinding } = shown;
  const { sentence, line, exception, advice, indexes } = finding;
  const isChosen = state.finding === findingKey(model, finding);
  const hasFailed = indexes.some((index) => model.error[index] === 1);
  return (
    <Line hasFailed={hasFailed} isChosen={isChosen} whole={[sentence, line, exception, advice]}>
      {indexes.length === 0 ? (
        <bdi>{sentence}.</bdi>
      ) : (
        <button type="button" class="plain" aria-pressed={isChosen} onClick={() => chooseFinding(finding)}>
          <bdi>{sentence}.</bdi>
        </button>
      )}{' '}
      {line !== undefined && <bdi class="mono">{line}</bdi>}{' '}
      {exception !== undefined && <bdi class="mono">{exception}.</bdi>} <span class="muted">{advice}</span>
    </Line>
  );
}

function ErrorLine({ shown, indexes }: { shown: ShownTrace; indexes: readonly number[] }) {
  const { model, selected, goTo } = shown;
  const root = rootCause(model);
  const index = indexes.includes(root) ? root : (indexes[0] ?? -1);
  const frame = model.frame(index);
  const said = errorText(model, index);
  return (
    <Line hasFailed isChosen={selected === index} whole={[said, frame]}>
      <button
        type="button"
        class="plain"
        onClick={() => goTo(index)}
        title={index === root ? 'e' : undefined}
      >
        {indexes.length > 1 && `${formatCount(indexes.length)} × `}
        <bdi>{visibleName(model.name(index))}</bdi> of <bdi>{model.service(index)}</bdi> failed:{' '}
        <bdi>{said}</bdi>
      </button>{' '}
      {frame !== undefined && <bdi class="mono muted">{frame}</bdi>}
    </Line>
  );
}

interface LineProps {
  readonly hasFailed: boolean;
  readonly isChosen: boolean;
  /** The text of the line, also where it is cut. */
  readonly whole: readonly (string | undefined)[];
  readonly children: ComponentChildren;
}

function Line({ hasFailed, isChosen, whole, children }: LineProps) {
  const text = whole.filter((part) => part !== undefined).join('. ');
  return (
    <li class={isChosen ? 'chosen' : 'ellipsis'} title={text}>
      <span class={hasFailed ? 'error-mark' : 'odd-mark'} aria-hidden="true">
        {hasFailed ? '✗' : '⚠'}
      </span>{' '}
      {children}
    </li>
  );
}
