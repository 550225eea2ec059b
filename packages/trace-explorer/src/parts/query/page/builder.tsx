import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { RowScope } from '../../../core/query/build/scope.ts';
import { SCOPES, scopeOf, withScope } from '../../../core/query/build/scope.ts';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../../../core/query/parse/limits.ts';
import type { CalculatedField, QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import { Choose } from '../../../page/components/inputs/choose.tsx';
import { Typed } from '../../../page/components/inputs/typed.tsx';
import { lazy } from '../../../page/components/states/lazy.tsx';
import { completeExpression } from './calculated/complete-expression.ts';
import { formatCalculated, parseCalculated, splitCalculated } from './calculated/split-calculated.ts';
import { ClauseInput } from './clauses/clause-input.tsx';
import {
  formatCalculation,
  formatFilter,
  formatHaving,
  formatOrder,
  isWritable,
  parseFilter,
  parseHaving,
  parseNamedCalculation,
  parseOrder,
} from './clauses/clauses.ts';
import { ComparedPeriod } from './clauses/compared-period.tsx';
import {
  completeCalculation,
  completeField,
  completeFilter,
  completeHaving,
  completeOrder,
} from './clauses/complete.ts';
import { useCompletion } from './clauses/use-completion.ts';
import { completeFormula, namesOf, withNames } from './formulas/formulas.ts';
import type { QueryDraft } from './shown-query.ts';

const Samples = lazy(() => import('./calculated/samples.tsx'));

type Clause =
  | 'calculations'
  | 'filters'
  | 'breakdowns'
  | 'orders'
  | 'havings'
  | 'formulas'
  | 'calculated_fields';

interface BuilderProps {
  readonly draft: QueryDraft;
  readonly datasets: readonly string[];
  /** At the end of the last line. */
  readonly children: ComponentChildren;
}

/** The clauses of a query as chips; those that are empty stand behind one more. Shift+Enter in any of them runs the query. */
export function Builder({ draft, datasets, children }: BuilderProps) {
  const { dataset, query, fields } = draft;
  const context = useCompletion(draft);
  const { filters = [], breakdowns = [], orders = [], havings = [] } = query;
  const { calculated_fields: calculated = [], formulas = [], limit } = query;
  const change = (part: Partial<QuerySpecInput>) => draft.change(withNames({ ...query, ...part }));
  /** What all clauses have in common. */
  const clause = <Key extends Clause>(key: Key, name: string, placeholder: string) => {
    type Items = NonNullable<QuerySpecInput[Key]>;
    const items = query[key] ?? ([] as never);
    return { context, name, placeholder, items, onChange: (next: Items) => change({ [key]: next }) };
  };
  const [opened, setOpened] = useState(false);
  const names = namesOf(query);
  const canScope = withScope(query, 'rows') !== undefined;
  /** Whether a clause is shown: a person opened all of them, or the query has it. */
  const has = (part: unknown) => opened || (Array.isArray(part) ? part.length > 0 : part !== undefined);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: listens for a shortcut of everything within
    <div
      class="view-head band column within"
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !event.shiftKey) return;
        event.preventDefault();
        // A field takes its text when it is left, or by this.
        event.target?.dispatchEvent(new Event('change'));
        draft.ask();
      }}
    >
      <div class="line">
        <Choose
          label="Rows to look at"
          hidesLabel
          value={scopeOf(query)}
          choices={Object.entries(SCOPES)}
          isDisabled={!canScope}
          title={canScope ? undefined : 'Conditions are joined by OR: write this one into WHERE'}
          onChoose={(value) => {
            const changed = withScope(query, value as RowScope);
            if (changed !== undefined) draft.ask(changed);
          }}
        />
        <Choose
          label="In"
          none="all services"
          value={dataset === '__all__' ? undefined : dataset}
          choices={datasets}
          onChoose={(chosen) => draft.change(query, chosen ?? '__all__')}
        />
        <ClauseInput
          {...clause('calculations', 'VISUALIZE', 'COUNT')}
          parse={(text) => parseNamedCalculation(text, fields)}
          format={formatCalculation}
          editable={isWritable}
          complete={completeCalculation}
        />
      </div>
      <div class="line">
        <ClauseInput
          {...clause('filters', 'WHERE', 'anything')}
          parse={(text) => parseFilter(text, fields)}
          format={formatFilter}
          complete={completeFilter}
        />
        {filters.length > 1 && (
          <Choose
            label="How conditions combine"
            hidesLabel
            none="all hold"
            value={query.filter_combination === 'OR' ? 'OR' : undefined}
            choices={[['OR', 'any holds']]}
            onChoose={(chosen) => change({ filter_combination: chosen === 'OR' ? 'OR' : 'AND' })}
          />
        )}
        <ClauseInput
          {...clause('breakdowns', 'GROUP BY', 'nothing')}
          parse={(text) => text.trim()}
          format={(name) => name}
          complete={completeField}
        />
        {has(orders) && (
          <ClauseInput
            {...clause('orders', 'ORDER BY', 'the first calculation, descending')}
            parse={(text) => parseOrder(text, [...breakdowns, ...names])}
            format={formatOrder}
            complete={completeOrder}
          />
        )}
        {has(limit) && (
          <Typed
            label="Limit"
            type="number"
            min={1}
            max={MAX_LIMIT}
            placeholder={`${DEFAULT_LIMIT}`}
            value={limit === undefined ? limit : `${limit}`}
            onValue={(text) => {
              const { limit: _, ...rest } = query;
              draft.change(text === '' ? rest : { ...rest, limit: Number(text) });
            }}
          />
        )}
        {has(havings) && (
          <ClauseInput
            {...clause('havings', 'HAVING', 'any group')}
            parse={(text) => parseHaving(text, names)}
            format={formatHaving}
            complete={completeHaving}
          />
        )}
        {has(formulas) && (
          <ClauseInput
            {...clause('formulas', 'FORMULA', 'rate = $A / $B')}
            parse={parseCalculated}
            format={formatCalculated}
            complete={completeFormula}
          />
        )}
        {has(calculated) && (
          <ClauseInput
            {...clause('calculated_fields', 'CALCULATE', 'slow = GTE($duration_ms, 300)')}
            parse={parseCalculated}
            format={formatCalculated}
            complete={completeExpression}
            below={(text) => {
              const tried = [...calculated, ...written(text)];
              if (tried.length === 0) return null;
              return <Samples dataset={dataset} query={{ ...query, calculated_fields: tried }} />;
            }}
          />
        )}
        {(opened || query.granularity || query.compare_time_offset_seconds) && <ComparedPeriod {...draft} />}
        {query.usage_mode && <span class="tag">sample rates do not count</span>}
        {!opened && (
          <button
            type="button"
            class="chip chip-add meta"
            aria-expanded={false}
            onClick={() => setOpened(true)}
          >
            Order, limit, having, …
          </button>
        )}
        {children}
      </div>
    </div>
  );
}

/** The calculated field being written, once it has an expression. */
function written(text: string): CalculatedField[] {
  const { name, expression = '' } = splitCalculated(text);
  return expression.trim() === '' ? [] : [{ name: name || 'unnamed', expression }];
}
