import './styles.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { placeNow, startRouter } from './router.ts';
import { loadView } from './views.ts';

startRouter();
// Its modules are preloaded: with them the first thing drawn is the whole view. A failure is shown by the app.
await loadView(placeNow().view).catch(() => {});
const root = document.getElementById('root');
if (root !== null) render(<App />, root);
