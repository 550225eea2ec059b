import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { visibleName } from '../../../lib/text/harmless-text.ts';
import { Icon } from '../../../page/components/icon.tsx';
import { CopyButton } from '../../../page/components/inputs/copy-button.tsx';
import { ListedTable } from '../../../page/components/listed-table.tsx';
import { ServiceLink, ServiceName } from '../../../page/components/services/service-name.tsx';
import type { TableColumn } from '../../../page/components/table.tsx';
import { counted } from '../../../page/values/format.ts';
import type { ServiceReport } from '../server/schemas.ts';
import type { FailedRule } from './by-rule.ts';

type Failure = FailedRule['failures'][number];

/** A rule in plain words, its mend, and the services where it fails. */
export function RuleRow({ rule: { rule, title, impact, failures, services } }: { rule: FailedRule }) {
  return (
    <Row
      impact={impact}
      title={<span title={title}>{title}</span>}
      more={<code>{failures[0]?.violation.mend}</code>}
      count={counted(services, 'service')}
      note={impact ?? 'changes no score'}
      about={rule}
      caption={title}
      failures={failures}
      first={{ title: 'Service', cell: ({ service }) => <ServiceLink name={service.service} /> }}
    />
  );
}

/** A service with every rule that fails in it. */
export function ServiceRow({ service }: { service: ServiceReport }) {
  const { score, category, violations } = service;
  return (
    <Row
      impact={violations[0]?.impact}
      title={<ServiceName name={service.service} />}
      more={[...new Set(violations.map(({ title }) => title))].join(', ')}
      count={`score ${score}`}
      note={category}
      caption={service.service}
      failures={violations.map((violation) => ({ service, violation }))}
      first={{ title: 'Rule', cell: ({ violation }) => `${violation.title} (${violation.rule})` }}
    />
  );
}

interface RowProps {
  readonly impact: string | undefined;
  readonly title: ComponentChildren;
  readonly more: ComponentChildren;
  readonly count: string;
  readonly note: string;
  /** Said first where it is open. */
  readonly about?: string;
  /** The failures below it: the name of their table, and its first column. */
  readonly caption: string;
  readonly failures: readonly Failure[];
  readonly first: TableColumn<Failure>;
}

const COLUMNS = { '--columns': 'minmax(0, 1fr) fit-content(40%) 16px' };

/** Two lines, and what a press shows below them. One that costs most of the score has an edge. */
function Row({ impact = '', title, more, count, note, about, caption, failures, first }: RowProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li class={impact === 'Critical' ? 'verify-rule wrong' : 'verify-rule'} style={{ paddingBlock: '6px' }}>
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
      {isOpen && (
        <div class="boxed whole columns">
          {about !== undefined && <p class="inset meta faint">{about}</p>}
          <ul class="lined" aria-label="What mends it">
            {[...new Set(failures.map(({ violation }) => violation.mend))].map((mend) => (
              <li key={mend} class="strip anywhere">
                <Icon name="check" />
                <code class="grow">{mend}</code>
                <CopyButton label="Copy" about="Copy the mend" text={() => mend} />
              </li>
            ))}
          </ul>
          <ListedTable
            caption={caption}
            columns={[
              first,
              {
                title: 'What',
                cell: ({ violation: { sentence } }) => <bdi title={sentence}>{visibleName(sentence)}</bdi>,
              },
              { title: 'Shown by', cell: ({ violation }) => <a href={violation.place}>a span or line</a> },
            ]}
            rows={failures}
            keyOf={({ service, violation }) => `${service.service} ${violation.rule} ${violation.sentence}`}
          />
        </div>
      )}
    </li>
  );
}
