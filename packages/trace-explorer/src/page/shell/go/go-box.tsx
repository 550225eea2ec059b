import '../../common.ts';
import { useId, useMemo, useState } from 'preact/hooks';
import { tracePlace } from '../../../places/place.ts';
import { getJson } from '../../api.ts';
import { Dialog } from '../../components/dialog.tsx';
import { useLoad } from '../../use-load.ts';
import { go } from '../router.ts';
import type { Destination } from './destinations.ts';
import { knownDestinations, matching, namedPlace, readDestinations } from './destinations.ts';

const HELP =
  'Paste a trace id, a traceparent, traceresponse or Server-Timing header, or a link; or write the name of a service, a route, a query or a view.';

/** One box to go anywhere. A trace or a link is followed as soon as it is pasted; names are chosen from a list. */
export default function GoBox({ onClose }: { onClose: () => void }) {
  const id = useId();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const [error, setError] = useState<string>();
  const { value: read = [], busy } = useLoad(readDestinations, []);
  const known = useMemo(knownDestinations, []);
  const named = namedPlace(text);
  const found = useMemo(
    () => (named === undefined ? matching([...known, ...read], text) : [named]),
    [known, read, text],
  );
  const active = Math.min(chosen, found.length - 1);
  const follow = (to: Destination) => {
    onClose();
    go(to.place);
  };
  const submit = async () => {
    const to = found[active];
    if (to !== undefined) return follow(to);
    const id = await traceBeginningWith(text.trim().toLowerCase());
    if (id !== undefined) return follow({ kind: 'trace', text: id, place: tracePlace(id) });
    setError(text.trim() === '' ? HELP : `Nothing is named “${text.trim()}”. ${HELP}`);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Enter') void submit();
    else if (step === undefined) return;
    else if (found.length > 0) setChosen((active + step + found.length) % found.length);
    event.preventDefault();
  };
  return (
    <Dialog title="Go to" onClose={onClose}>
      <div class="go">
        <input
          class="mono"
          role="combobox"
          aria-label="Trace, link, service, route or query"
          aria-expanded={found.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-help`}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setChosen(0);
            setError(undefined);
          }}
          onPaste={(event) => {
            const pasted = namedPlace(event.clipboardData?.getData('text') ?? '');
            if (pasted === undefined) return;
            event.preventDefault();
            follow(pasted);
          }}
          onKeyDown={onKeyDown}
        />
        <p
          id={`${id}-help`}
          class={error === undefined ? 'muted' : 'error-text'}
          role={error === undefined ? undefined : 'alert'}
        >
          {error ?? HELP}
        </p>
        <div
          class="suggestions"
          role="listbox"
          id={`${id}-list`}
          aria-label="Where to"
          // A list that scrolls would be a stop of Tab, without keys of its own.
          tabIndex={-1}
          hidden={found.length === 0}
        >
          {found.map((each, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox's input has the keys
            <div
              key={`${each.kind} ${each.text} ${each.detail}`}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              ref={index === active ? scrollIntoSight : null}
              onClick={() => follow(each)}
            >
              <span>{each.text}</span>
              <span class="muted">
                <span class="go-kind">{each.kind}</span> {each.detail}
              </span>
            </div>
          ))}
        </div>
        {busy && <p class="muted">Reading services and routes …</p>}
      </div>
    </Dialog>
  );
}

function scrollIntoSight(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}

/** The newest trace whose id begins so; undefined for a text that is no beginning of an id, or of none that is stored. */
async function traceBeginningWith(text: string): Promise<string | undefined> {
  if (!/^[0-9a-f]{4,31}$/u.test(text)) return undefined;
  const { traces } = await getJson<{ traces: { trace_id: string }[] }>(
    `/api/traces?limit=1&trace_id=${text}`,
  );
  return traces[0]?.trace_id;
}
