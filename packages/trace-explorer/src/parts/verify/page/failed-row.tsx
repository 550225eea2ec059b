import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { visibleName } from '../../../core/shared/harmless-text.ts';
import { counted } from '../../../core/shared/words.ts';
import { Icon } from '../../../page/components/icon.tsx';
import { CopyButton } from '../../../page/components/inputs/copy-button.tsx';
import { PagedTable } from '../../../page/components/paged-table.tsx';
import { ServiceLink, ServiceName } from '../../../page/components/services/service-name.tsx';
import type { ServiceReport, Violation } from '../server/schemas.ts';
import type { FailedRule as Rule } from './by-rule.ts';

/** A rule in plain words, its mend, and the services where it fails. */
export function FailedRule({ rule: { rule, title, impact, failures, services, mends } }: { rule: Rule }) {
  return (
    <Row
      impact={impact}
      title={<span title={title}>{title}</span>}
      more={<code>{mends[0]}</code>}
      count={counted(services, 'service')}
      note={`${impact ?? 'changes no score'} · ${rule}`}
    >
      <Mends mends={mends} />
      <PagedTable
        caption={title}
        columns={[
          { title: 'Service', cell: ({ service }) => <ServiceLink name={service.service} /> },
          { title: 'What', cell: whatOf },
          { title: 'Shown by', cell: placeOf },
        ]}
        rows={failures}
        keyOf={({ service, violation }) => `${service.service} ${violation.sentence}`}
      />
    </Row>
  );
}

/** A service with every rule that fails in it. */
export function FailingService({
  service: { service, score, category, violations },
}: {
  service: ServiceReport;
}) {
  const [first] = violations;
  return (
    <Row
      impact={first?.impact}
      title={<ServiceName name={service} />}
      more={[...new Set(violations.map(({ title }) => title))].join(', ')}
      count={`score ${score}`}
      note={category}
    >
      <Mends mends={[...new Set(violations.map(({ mend }) => mend))]} />
      <PagedTable
        caption={service}
        columns={[
          { title: 'Rule', cell: ({ violation }) => `${violation.title} (${violation.rule})` },
          { title: 'What', cell: whatOf },
          { title: 'Shown by', cell: placeOf },
        ]}
        rows={violations.map((violation) => ({ violation }))}
        keyOf={({ violation }) => `${violation.rule} ${violation.sentence}`}
      />
    </Row>
  );
}

interface RowProps {
  readonly impact: string | undefined;
  readonly title: ComponentChildren;
  readonly more: ComponentChildren;
  readonly count: string;
  readonly note: string;
  readonly children: ComponentChildren;
}

const COLUMNS = { '--columns': 'minmax(0, 1fr) fit-content(40%) 16px' };

/** Two lines, and what a press shows below them. The edge says how much of the score it costs. */
function Row({ impact = '', title, more, count, note, children }: RowProps) {
  const [isOpen, setOpen] = useState(false);
  const edge = impact === 'Critical' ? ' wrong' : impact === 'Important' ? ' odd' : '';
  return (
    <li class={`verify-rule${edge}`}>
      <button
        type="button"
        class="plain parts whole"
        style={COLUMNS}
        data-row
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <span class="ellipsis strong">{title}</span>
        <span class="numeric strong">{count}</span>
        <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />
        <span class="ellipsis meta">{more}</span>
        <span class="numeric meta ellipsis" title={note}>
          {note}
        </span>
      </button>
      {isOpen && <div class="boxed whole">{children}</div>}
    </li>
  );
}

function Mends({ mends }: { mends: readonly string[] }) {
  return (
    <ul class="lined" aria-label="What mends it">
      {mends.map((mend) => (
        <li key={mend} class="strip anywhere">
          <Icon name="check" />
          <code class="grow">{mend}</code>
          <CopyButton label="Copy" about="Copy the mend" text={() => mend} />
        </li>
      ))}
    </ul>
  );
}

function whatOf({ violation: { sentence } }: { violation: Violation }) {
  return <bdi title={sentence}>{visibleName(sentence)}</bdi>;
}

function placeOf({ violation: { place } }: { violation: Violation }) {
  return <a href={place}>a span or line</a>;
}
