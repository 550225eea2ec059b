import type { Finding } from '../../../../traces/findings/finding.ts';
import { findingKey } from '../../../../traces/forms/describe-findings.ts';
import { formatCount } from '../../../values/format.ts';
import type { ShownTrace } from '../state/use-actions.ts';

/** Findings that are visible at first. The others unfold. */
const SHOWN = 3;

/** The faults of the trace, in sentences. A click marks the spans of a finding. */
export function Findings({ shown }: { shown: ShownTrace }) {
  const { findings } = shown;
  if (findings.length === 0) return null;
  const others = findings.slice(SHOWN);
  return (
    <section class="findings notice" aria-label="Findings">
      <FindingList shown={shown} findings={findings.slice(0, SHOWN)} />
      {others.length > 0 && (
        <details>
          <summary>{`${formatCount(others.length)} more`}</summary>
          <FindingList shown={shown} findings={others} />
        </details>
      )}
    </section>
  );
}

function FindingList({ shown, findings }: { shown: ShownTrace; findings: readonly Finding[] }) {
  const { model, state, chooseFinding } = shown;
  return (
    <ul class="finding-list">
      {findings.map((finding) => {
        const key = findingKey(model, finding);
        return (
          <li key={`${key} ${finding.sentence}`}>
            <span aria-hidden="true">⚠</span>{' '}
            {finding.indexes.length === 0 ? (
              <bdi>{finding.sentence}.</bdi>
            ) : (
              <button
                type="button"
                class="plain"
                aria-pressed={state.finding === key}
                onClick={() => chooseFinding(finding)}
              >
                <bdi>{finding.sentence}.</bdi>
              </button>
            )}{' '}
            {finding.exception !== undefined && <bdi class="mono">{finding.exception}.</bdi>}{' '}
            <span class="muted">{finding.advice}</span>
          </li>
        );
      })}
    </ul>
  );
}
