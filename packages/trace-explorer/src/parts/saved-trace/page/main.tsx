import './saved.css';
import { render } from 'preact';
import type { SavedFrom } from '../../../core/places/page-settings.ts';
import { hrefOf } from '../../../core/places/place.ts';
import { answerBy } from '../../../page/api/api.ts';
import { startRouter, usePlace } from '../../../page/browser/router.ts';
import { pageSettings } from '../../../page/browser/settings.ts';
import { Time } from '../../../page/components/times/time.tsx';
import { showParts } from '../../../page/shown-parts.ts';
import { spanTabs } from '../../agents/page/span-tabs.ts';
import { part as agents } from '../../agents/part.ts';
import { StoredTrace } from '../../trace/page/index.tsx';
import { part as trace } from '../../trace/part.ts';
import { answerFromPage } from './answers.ts';

/** A page in one file: where, when and how it was saved, with a link to the same view in the explorer, unless the file shall not say it; and the trace in it. */
function SavedPage({ saved: { traceId, origin, at, redacted } }: { saved: SavedFrom }) {
  const place = usePlace();
  return (
    <>
      {at !== undefined && (
        <header class="saved-note band line">
          <span>
            Saved <Time at={at} />
            {origin !== undefined && ` from ${origin}`}
          </span>
          <span>{redacted.length === 0 ? 'Nothing redacted' : `Redacted: ${redacted.join(', ')}`}</span>
          {origin !== undefined && (
            <a href={origin + (hrefOf(place) ?? '')} rel="noreferrer">
              Open in that explorer
            </a>
          )}
        </header>
      )}
      <main id="view" tabIndex={-1} class="view view-trace">
        <StoredTrace id={traceId} place={place} />
      </main>
    </>
  );
}

answerBy(answerFromPage);
showParts([{ part: trace }, { part: agents, spanTabs }]);
const root = document.getElementById('root');
const { saved } = pageSettings;
if (root !== null && saved !== undefined && 'navigation' in window) {
  startRouter();
  render(<SavedPage saved={saved} />, root);
} else if (root !== null) {
  root.textContent = 'This page needs a newer browser, one with the Navigation API.';
}
