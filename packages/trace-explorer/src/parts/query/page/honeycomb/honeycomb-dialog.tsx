import { useId } from 'preact/hooks';
import type { QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import { FormDialog } from '../../../../page/components/overlays/form-dialog.tsx';
import { honeycombQueryUrl } from '../../../../page/honeycomb/honeycomb-links.ts';
import type { HoneycombPlaces } from '../../../../page/honeycomb/honeycomb-place.ts';
import type { RelationalParts } from './relational.ts';

export interface HoneycombDialogProps {
  readonly places: HoneycombPlaces;
  readonly dataset: string;
  /** The query with all calculated fields, because Honeycomb may lack the explorer's saved fields. */
  readonly query: QuerySpecInput;
  /** The parts of the query that a link cannot express. */
  readonly relational: RelationalParts | undefined;
  readonly onClose: () => void;
}

const REGIONS = [
  ['us', 'US (ui.honeycomb.io)'],
  ['eu', 'EU (ui.eu1.honeycomb.io)'],
] as const;

/** Opens the query in Honeycomb. Asks for the team, and names the parts that a link cannot express. */
export function HoneycombDialog({ places, dataset, query, relational, onClose }: HoneycombDialogProps) {
  const { place, account, type } = places;
  const { team = '', environment = '', region = 'us' } = place ?? { ...account, region: 'us' };
  const id = useId();
  const open = (texts: Readonly<Record<string, string>>) => {
    const chosen = {
      team: texts.team ?? '',
      environment: texts.environment ?? '',
      region: texts.region === 'eu' ? 'eu' : 'us',
    } as const;
    const isKnown = JSON.stringify(chosen) === JSON.stringify({ team, environment, region });
    if (!isKnown || place === undefined) type(chosen);
    const url = honeycombQueryUrl(chosen, dataset, relational?.rest ?? query);
    window.open(url, '_blank', 'noopener,noreferrer');
  };
  return (
    <FormDialog
      title="Open in Honeycomb"
      submit={relational === undefined ? 'Open' : 'Open the rest'}
      onSubmit={open}
      onClose={onClose}
    >
      <p>
        Names as in your Honeycomb’s address: https://ui.honeycomb.io/<b>team</b>/environments/
        <b>environment</b>. They stay in this browser, and the explorer sends nothing there.
      </p>
      <label for={`${id}-team`}>Team</label>
      <input id={`${id}-team`} name="team" required autocomplete="off" defaultValue={team} />
      <label for={`${id}-environment`}>Environment (empty for classic teams)</label>
      <input id={`${id}-environment`} name="environment" autocomplete="off" defaultValue={environment} />
      <fieldset class="column">
        <legend class="muted">Region</legend>
        {REGIONS.map(([value, text]) => (
          <label key={value} class="choice">
            <input type="radio" name="region" value={value} defaultChecked={region === value} /> {text}
          </label>
        ))}
      </fieldset>
      {relational !== undefined && (
        <p>
          Honeycomb has fields of other spans in its own query builder only: neither its API nor a link takes
          them. The link opens the rest of the query; add there: <code>{relational.parts.join(', ')}</code>
        </p>
      )}
    </FormDialog>
  );
}
