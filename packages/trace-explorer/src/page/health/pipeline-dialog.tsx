import type { Status } from '../../core/status.ts';
import { Dialog } from '../components/overlays/dialog.tsx';
import { ServiceLink } from '../components/services/service-name.tsx';
import { lazy } from '../components/states/lazy.tsx';
import { Table } from '../components/table.tsx';
import { shownParts } from '../shown-parts.ts';
import { counted, formatAgo, formatCount, formatZone } from '../values/format.ts';
import { evictedTexts, refusedTexts, storedText } from './stored-text.ts';

declare module '../part.ts' {
  interface PagePart {
    /** In the dialog about the pipeline, from the part's row of the status. */
    readonly pipeline?: Code<{ readonly status: Status }>;
  }
}

/** All sending services, and the numbers of refused and dropped spans and lines. */
export function PipelineDialog({ status, onClose }: { status: Status; onClose: () => void }) {
  const dropped = [...refusedTexts(status), ...evictedTexts(status)];
  // Silent senders first: this dialog is opened because data is missing.
  const services = status.services.toSorted(
    (a, b) => (a.last_seen ?? '').localeCompare(b.last_seen ?? '') || (a.name < b.name ? -1 : 1),
  );
  return (
    <Dialog title={`Pipeline of ${counted(services.length, 'service')}`} onClose={onClose}>
      <div class="pipeline column columns">
        <p>{dropped.join(' · ') || 'Nothing refused, nothing dropped'}</p>
        <p class="muted">The store: {storedText(status)}</p>
        {status.spilled_fields > 0 && (
          <p class="muted">
            {counted(status.spilled_fields, 'field')} {status.spilled_fields === 1 ? 'shares' : 'share'} a
            column with others: queries of them are slower.
          </p>
        )}
        {shownParts().map(({ part, pipeline }) => {
          const Section = pipeline && lazy(pipeline);
          return Section && <Section key={part.name} status={status} />;
        })}
        <Table
          caption="Services that send"
          rows={services}
          keyOf={({ name }) => name}
          columns={[
            { title: 'Service', cell: ({ name }) => <ServiceLink name={name} /> },
            { title: 'Last here', cell: ({ last_seen }) => agoOf(last_seen) },
            { title: 'Rows', numeric: true, cell: ({ rows }) => formatCount(rows) },
            { title: 'Log lines', numeric: true, cell: ({ logs }) => formatCount(logs) },
            { title: 'Last line', cell: ({ last_log }) => agoOf(last_log) },
          ]}
        />
        <p class="meta">{`Local time is ${formatZone(Date.now())} · trace explorer ${status.version}`}</p>
      </div>
    </Dialog>
  );
}

function agoOf(time: string | undefined): string {
  return time === undefined ? '–' : formatAgo(Date.parse(time));
}
