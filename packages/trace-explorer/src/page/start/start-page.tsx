import { useState } from 'preact/hooks';
import { send } from '../api/api.ts';
import { useLoad } from '../api/use-load.ts';
import { pageSettings } from '../browser/settings.ts';
import { CopyButton } from '../components/inputs/copy-button.tsx';
import { Link } from '../components/link.tsx';
import { EmptyMark } from '../components/states/empty-state.tsx';
import { Tabs } from '../components/tabs.tsx';
import { shownParts } from '../shown-parts.ts';
import { firstRequests, firstUrl } from './first-requests.ts';
import { snippets as all } from './snippets.ts';

/** Before the first span: how to send one, in the reader's programming language. */
export default function StartPage() {
  const [selected, setSelected] = useState('run');
  const snippets = all.filter(
    ({ of }) => of === undefined || shownParts().some(({ part }) => part.name === of),
  );
  const snippet = snippets.find(({ key }) => key === selected);
  const text = snippet?.text(pageSettings) ?? '';
  const requests = firstRequests();
  const { value: url } = useLoad(firstUrl, []);
  const curl = url && `curl ${url}`;
  return (
    <section class="empty-state start-page page column" aria-labelledby="start-title">
      <EmptyMark />
      <h2 id="start-title">No spans yet</h2>
      <p class="notice calm line" role="status">
        <span class="live-mark" aria-hidden="true" /> Waiting for the first request. Its spans come to{' '}
        <code>{pageSettings.otlpEndpoint}</code>
      </p>
      {requests.length > 0 && (
        <>
          <h3>Send one to the services of this workspace</h3>
          {curl && (
            <div class="strip">
              <pre>{curl}</pre>
              <CopyButton text={() => curl} label="Copy" about="Copy the curl command" />
            </div>
          )}
          {requests.map(({ label, place }) => (
            <p key={label}>
              A button in <Link to={place}>{label}</Link> sends one and shows the trace.
            </p>
          ))}
        </>
      )}
      <h3>{requests.length === 0 ? 'Send one from' : 'Or from'} a program of yours</h3>
      <div class="card">
        <Tabs label="Language" items={snippets} selected={selected} onSelect={setSelected}>
          <div class="strip by-text pad">
            <pre class="said grow">{text}</pre>
            <CopyButton text={() => text} label="Copy" about={`Copy the lines for ${snippet?.label ?? ''}`} />
          </div>
        </Tabs>
      </div>
      <DemoData />
    </section>
  );
}

/** Fills the empty store with a small demo, and shows the overview. */
function DemoData() {
  const [said, setSaid] = useState('24 requests, two services');
  const fill = () =>
    send('POST', '/api/demo-data').then(
      () => location.assign('/'),
      ({ message }: Error) => setSaid(message),
    );
  return (
    <p class="line">
      <button type="button" onClick={fill}>
        Fill with demo data
      </button>
      <span role="status">{said}</span>
    </p>
  );
}
