import './saved.css';
import { render } from 'preact';
import { answerBy } from '../api/api.ts';
import { startRouter, usePlace } from '../browser/router.ts';
import { pageSettings } from '../browser/settings.ts';
import { applyTheme } from '../browser/theme.ts';
import { StoredTrace } from '../views/trace/stored-trace.tsx';
import { answerFromPage } from './answers.ts';

/** A page in one file: the trace view for the trace in the file. */
function SavedPage() {
  return (
    <main id="view" tabIndex={-1} class="view view-trace">
      <StoredTrace id={pageSettings.savedTraceId ?? ''} place={usePlace()} />
    </main>
  );
}

applyTheme();
answerBy(answerFromPage);
const root = document.getElementById('root');
if (root !== null && 'navigation' in window) {
  startRouter();
  render(<SavedPage />, root);
} else if (root !== null) {
  root.textContent = 'This page needs a newer browser, one with the Navigation API.';
}
