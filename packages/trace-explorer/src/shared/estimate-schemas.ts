import Type from 'typebox';

/** Of a row of figures: which of them are estimates. */
export const estimates = {
  estimated: Type.Optional(
    Type.Boolean({ description: 'true where all but errors are estimates: sampled spans are among them' }),
  ),
  errors_estimated: Type.Optional(Type.Boolean({ description: 'true where errors is an estimate' })),
};

/** Of an answer about a time range (seconds since the epoch): what it covers, and whether it estimates. */
export const estimatedRange = {
  start_time: Type.Number(),
  end_time: Type.Number(),
  estimated: Type.Boolean({
    description: 'whether some figures are estimates, as sampled spans count by their sample rates',
  }),
};
