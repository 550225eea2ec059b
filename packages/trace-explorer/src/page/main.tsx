import './styles.css';
import './common.ts';
import { render } from 'preact';
import { App } from './shell/app.tsx';
import { placeNow, startRouter } from './shell/router.ts';
import { applyTheme } from './shell/theme.ts';
import { views } from './shell/views.ts';

applyTheme();
const root = document.getElementById('root');
if (root !== null && 'navigation' in window) {
  startRouter();
  // Its modules are preloaded, so the first thing that is drawn is the whole view. A failure is shown by the app.
  await views[placeNow().view].View.load().catch(() => {});
  render(<App />, root);
} else if (root !== null) {
  root.textContent =
    'This page needs a newer browser, one with the Navigation API. `node tandem trace` shows traces in a terminal.';
}
