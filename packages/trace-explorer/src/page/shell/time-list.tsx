import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Moments, Range } from '../../core/places/range.ts';
import type { ShownTime } from '../../core/places/shown-range.ts';
import { secondsOf, USUAL_SECONDS } from '../../core/places/shown-range.ts';
import { momentsOf, nameOf } from '../../core/runs/run-words.ts';
import type { Run } from '../../core/runs/schemas.ts';
import { useJson } from '../api/use-load.ts';
import { useKeys } from '../browser/use-keys.ts';
import { useShownTools } from '../browser/view-tools.ts';
import { formatTick } from '../charts/ticks.ts';
import { Icon } from '../components/icon.tsx';
import { Checkbox } from '../components/inputs/checkbox.tsx';
import { FormError } from '../components/overlays/dialog.tsx';
import { formTexts } from '../components/overlays/form-dialog.tsx';
import { moveByArrows } from '../components/overlays/menu.tsx';
import { lastText } from '../components/times/describe-times.ts';
import { inputText } from './input-text.ts';

const LAST_SECONDS = [60, 600, 1800, 3600, 7200, 28_800, 86_400, 604_800];
/** The newest runs: so many are in the choice. */
const RUNS = 5;

interface TimeListProps extends ShownTime {
  readonly onChoose: (range: Range | undefined) => void;
}

/** What the choice of a time opens: up to now, between two moments, of a run, and whether new data is shown as it comes. */
export function TimeList({ range, hasAny, onChoose }: TimeListProps) {
  const { live } = useShownTools();
  useKeys({ L: () => live?.set(!live.on) }, document, true);
  const seconds = new Set(typeof range === 'number' ? [...LAST_SECONDS, range] : LAST_SECONDS);
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys move between its buttons */}
      <div onKeyDown={(event) => moveByArrows(event)}>
        {hasAny && (
          <Row isChosen={range === undefined} onChoose={() => onChoose(undefined)}>
            Any time
          </Row>
        )}
        {[...seconds]
          .sort((a, b) => a - b)
          .map((each) => (
            <Row key={each} isChosen={each === range} onChoose={() => onChoose(each)}>
              {lastText(each)}
            </Row>
          ))}
      </div>
      <div>
        <h3 class="menu-label label">Between</h3>
        <Between range={range} onChoose={onChoose} />
        <Runs range={range} onChoose={onChoose} />
      </div>
      {live !== undefined && (
        <footer class="card-foot inset strip whole">
          <Checkbox
            isSwitch
            label="Live: new data as it comes"
            keys="L"
            checked={live.on}
            onChange={live.set}
          />
        </footer>
      )}
    </>
  );
}

interface RowProps {
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  readonly children: ComponentChildren;
}

function Row({ isChosen, onChoose, children }: RowProps) {
  return (
    <button type="button" class="option" aria-pressed={isChosen} onClick={onChoose}>
      {children}
      {isChosen && (
        <span class="at-end faint">
          <Icon name="check" />
        </span>
      )}
    </button>
  );
}

/** The newest runs, each by its own time, and the newest one up to now. */
function Runs({ range, onChoose }: Pick<TimeListProps, 'range' | 'onChoose'>) {
  const runs = useJson<{ runs: Run[] }>('/api/runs').value?.runs.slice(0, RUNS) ?? [];
  const [newest] = runs;
  if (newest === undefined) return null;
  const isShown = (of: Moments) => typeof range === 'object' && JSON.stringify(range) === JSON.stringify(of);
  const since = Math.ceil(Date.now() / 1000) - momentsOf(newest).start_time;
  return (
    <>
      <h3 class="menu-label label">A run</h3>
      <Row isChosen={false} onChoose={() => onChoose(since)}>
        Since this run began
        <span class="at-end faint">{startOf(newest)}</span>
      </Row>
      {runs.map((run) => (
        <Row key={run.id} isChosen={isShown(momentsOf(run))} onChoose={() => onChoose(momentsOf(run))}>
          <span class="ellipsis" title={nameOf(run)}>
            {nameOf(run)}
          </span>
          <span class="at-end faint">{startOf(run)}</span>
        </Row>
      ))}
    </>
  );
}

function startOf(run: Run): string {
  return formatTick(momentsOf(run).start_time, 60);
}

function Between({ range = USUAL_SECONDS, onChoose }: Pick<TimeListProps, 'range' | 'onChoose'>) {
  const [now] = useState(() => Math.floor(Date.now() / 1000));
  const { start_time, end_time } =
    typeof range === 'object' ? range : { start_time: now - secondsOf(range), end_time: now };
  const [error, setError] = useState<string>();
  const submit = (event: Event & { readonly currentTarget: HTMLFormElement }) => {
    const { From = '', To = '' } = formTexts(event);
    const [start, end] = [Date.parse(From) / 1000, Date.parse(To) / 1000];
    if (start >= end) return setError('The end must be after the start.');
    onChoose({ start_time: start, end_time: end });
  };
  const moments = [
    ['From', start_time],
    ['To', end_time],
  ] as const;
  return (
    <form class="column" onSubmit={submit} onInput={() => setError(undefined)}>
      {moments.map(([name, at]) => (
        <label key={name} class="meta">
          {name}
          <input
            class="whole"
            type="datetime-local"
            name={name}
            step={1}
            required
            aria-label={`${name}, local time`}
            defaultValue={inputText(at)}
          />
        </label>
      ))}
      <FormError error={error} />
      <button type="submit" class="at-end">
        Show these times
      </button>
    </form>
  );
}
