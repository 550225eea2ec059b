// Small parts that files of this view have in common which are loaded by themselves: each of those imports this one, so that
// the bundler puts the parts into one file, as `common.ts` does for all views.
import '../../common.ts';
import './clauses.ts';
import './fields.ts';
import './find-trace.ts';
import '../../../query/ask/narrow.ts';
import './saved/saved-fields.ts';
import './unknown-fields.ts';
import './use-completion.ts';
import './values.ts';
import '../../../query/parse/operators.ts';
import '../../../shared/parse-json.ts';
