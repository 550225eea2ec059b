import './shell/fonts.css';
import './styles.css';
import { render } from 'preact';
import { placeNow, startRouter } from './browser/router.ts';
import { pageSettings } from './browser/settings.ts';
import { pageParts } from './parts.ts';
import { App } from './shell/app.tsx';
import { showParts } from './shown-parts.ts';
import { viewOf } from './view-of.ts';

showParts(pageParts);
const root = document.getElementById('root');
if (root !== null && 'navigation' in window) {
  startRouter();
  // The view's modules are preloaded, so the first drawing is the whole view. The app shows a failure.
  await viewOf(placeNow().view)
    ?.load()
    .catch(() => {});
  render(<App />, root);
} else if (root !== null) {
  root.textContent = `This page needs a newer browser, one with the Navigation API. ${pageSettings.command} trace shows traces in a terminal.`;
}
