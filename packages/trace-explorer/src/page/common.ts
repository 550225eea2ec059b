// Small parts that most views have: every file of the page that is loaded by itself imports this one, so that the bundler
// puts them into one file. Without it there are twenty of a few hundred bytes each, one for each set of views that share
// them, and a browser asks for six at a time.
import './api.ts';
import './charts/ticks.ts';
import './components/busy.tsx';
import './components/copy-button.tsx';
import './components/dialog.tsx';
import './components/empty-state.tsx';
import './components/error-state.tsx';
import './components/filter-form.tsx';
import './components/lazy.tsx';
import './components/menu.tsx';
import './components/service-colors.tsx';
import './components/service-name.tsx';
import './components/table.tsx';
import './components/tabs.tsx';
import './components/time.tsx';
import './components/use-width.ts';
import './format.ts';
import './honeycomb/honeycomb-place.ts';
import './shell/first-read.ts';
import './shell/router.ts';
import './shell/theme.ts';
import './shell/views.ts';
import './use-change.ts';
import './use-load.ts';
import './use-until-spans.ts';
import './views/overview/start-page.tsx';
import './views/query/clauses.ts';
import './views/query/describe.ts';
import './views/query/run-query.ts';
import './views/trace/import/import-button.tsx';
import './views/traces/trace-list.ts';
import '../query/parse/operators.ts';
import '../shared/trace-reference.ts';
