/** Honeycomb's name for all datasets of an environment together. */
export const ALL_DATASETS = '__all__';
