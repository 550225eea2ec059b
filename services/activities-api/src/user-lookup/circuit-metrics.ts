import type { MetricValues } from '@tandem/telemetry';
import type { CircuitBreaker, CircuitBreakerState } from './circuit-breaker.ts';

const STATES: readonly CircuitBreakerState[] = ['closed', 'open', 'half_open'];

/** What a circuit breaker tells on /metrics. The explorer's Pipeline strip shows it: `pipeline/parse-metrics.ts`. */
export function circuitMetrics(name: string, circuit: CircuitBreaker): readonly MetricValues[] {
  return [
    {
      name: 'tandem_circuit_breaker_state',
      type: 'gauge',
      help: '1 for the state that the circuit breaker is in, 0 for the others.',
      samples: STATES.map((state) => [{ name, state }, state === circuit.state ? 1 : 0]),
    },
    {
      name: 'tandem_circuit_breaker_opened_total',
      type: 'counter',
      help: 'How often the circuit breaker opened because calls failed.',
      samples: [[{ name }, circuit.opened]],
    },
    {
      name: 'tandem_circuit_breaker_rejected_calls_total',
      type: 'counter',
      help: 'Calls that were not made because the circuit breaker was not closed.',
      samples: [[{ name }, circuit.rejected]],
    },
  ];
}
