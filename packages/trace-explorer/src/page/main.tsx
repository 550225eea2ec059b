import './styles.css';
import './common.ts';
import { render } from 'preact';
import { App } from './shell/app.tsx';
import { placeNow, startRouter } from './shell/router.ts';
import { applyTheme } from './shell/theme.ts';
import { loadView } from './shell/views.ts';

applyTheme();
startRouter();
// Its modules are preloaded, so the first thing that is drawn is the whole view. A failure is shown by the app.
await loadView(placeNow().view).catch(() => {});
const root = document.getElementById('root');
if (root !== null) render(<App />, root);
