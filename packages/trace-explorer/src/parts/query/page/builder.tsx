import { useState } from 'preact/hooks';
import type {
  CalculatedField,
  Calculation,
  Filter,
  Formula,
  Having,
  Order,
  QuerySpecInput,
} from '../../../core/query/parse/query-spec.ts';
import { Choose } from '../../../page/components/inputs/choose.tsx';
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

const Samples = lazy(async () => ({ default: (await import('./dialogs.ts')).Samples }));

interface BuilderProps {
  readonly draft: QueryDraft;
  readonly datasets: readonly string[];
}

/** The clauses of a query. Shift+Enter in any of them runs the query. */
export function Builder({ draft, datasets }: BuilderProps) {
  const { dataset, query, fields } = draft;
  const context = useCompletion(dataset, query, fields);
  const { calculations = [], filters = [], breakdowns = [], orders = [], havings = [] } = query;
  const { calculated_fields: calculated = [], formulas = [] } = query;
  const change = (part: Partial<QuerySpecInput>) => draft.change(withNames({ ...query, ...part }));
  const [adds, setAdds] = useState(false);
  const hasFormulas = adds || formulas.length > 0;
  const names = namesOf(query);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: listens for a shortcut of everything within
    <div
      class="builder"
      id="builder"
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !event.shiftKey) return;
        event.preventDefault();
        draft.ask();
      }}
    >
      <div class="clause-pair">
        <ClauseInput<Calculation>
          context={context}
          name="VISUALIZE"
          placeholder="COUNT"
          items={calculations}
          onChange={(items) => change({ calculations: items })}
          parse={(text) => parseNamedCalculation(text, fields)}
          format={formatCalculation}
          editable={isWritable}
          complete={completeCalculation}
        />
        {!hasFormulas && (
          <button type="button" onClick={() => setAdds(true)}>
            + Formula
          </button>
        )}
      </div>
      <div class="clause-pair">
        <ClauseInput<Filter>
          context={context}
          name="WHERE"
          placeholder="anything: name = …, duration_ms > 100, app.now exists"
          items={filters}
          onChange={(items) => change({ filters: items })}
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
      </div>
      {hasFormulas && (
        <div class="clause-wide">
          <ClauseInput<Formula>
            context={context}
            name="FORMULA"
            placeholder="rate = $A / $B"
            items={formulas}
            onChange={(items) => change({ formulas: items })}
            parse={parseCalculated}
            format={formatCalculated}
            complete={completeFormula}
            takesFocus={adds}
          />
        </div>
      )}
      <ClauseInput<string>
        context={context}
        name="GROUP BY"
        placeholder="nothing"
        items={breakdowns}
        onChange={(items) => change({ breakdowns: items })}
        parse={(text) => text.trim()}
        format={(name) => name}
        complete={completeField}
      />
      <ClauseInput<Order>
        context={context}
        name="ORDER BY"
        placeholder="the first calculation, descending"
        items={orders}
        onChange={(items) => change({ orders: items })}
        parse={(text) => parseOrder(text, [...breakdowns, ...names])}
        format={formatOrder}
        complete={completeOrder}
      />
      <ClauseInput<Having>
        context={context}
        name="HAVING"
        placeholder="any group"
        items={havings}
        onChange={(items) => change({ havings: items })}
        parse={(text) => parseHaving(text, names)}
        format={formatHaving}
        complete={completeHaving}
      />
      <div class="clause line">
        <label class="clause-field">
          LIMIT
          <input
            type="number"
            class="limit"
            min={1}
            max={1000}
            placeholder="100"
            value={query.limit ?? ''}
            onChange={(event) => {
              const { limit: _, ...rest } = query;
              const limit = Math.min(1000, Math.max(1, Math.round(event.currentTarget.valueAsNumber)));
              draft.change(Number.isFinite(limit) ? { ...rest, limit } : rest);
            }}
          />
        </label>
        <Choose
          class="clause-field"
          label="IN"
          none="all services"
          value={dataset === '__all__' ? undefined : dataset}
          choices={datasets}
          onChoose={(chosen) => draft.change(query, chosen ?? '__all__')}
        />
        <ComparedPeriod query={query} onChange={draft.change} />
      </div>
      <div class="clause-wide">
        <ClauseInput<CalculatedField>
          context={context}
          name="CALCULATE"
          placeholder="fields of your own: slow = GTE($duration_ms, 300)"
          items={calculated}
          onChange={(items) => change({ calculated_fields: items })}
          parse={parseCalculated}
          format={formatCalculated}
          complete={completeExpression}
          below={(text) => {
            const tried = [...calculated, ...written(text)];
            return tried.length > 0 && <Samples dataset={dataset} query={query} calculated={tried} />;
          }}
        />
      </div>
    </div>
  );
}

/** The calculated field being written, once it has an expression. */
function written(text: string): CalculatedField[] {
  const { name, expression = '' } = splitCalculated(text);
  return expression.trim() === '' ? [] : [{ name: name || 'unnamed', expression }];
}
