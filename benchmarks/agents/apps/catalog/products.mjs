const SHELVES = { tools: Array.from({ length: 15 }, (_, i) => `tool-${i}`) };

async function priceOf(product) {
  const answer = await fetch(`${process.env.PARTNER_URL}/prices/${product}?ms=8`);
  return (await answer.json()).path;
}

/** The products of a shelf with their prices; undefined where there is no such shelf. */
export async function productsIn(shelf) {
  const products = SHELVES[shelf];
  if (products === undefined) return undefined;
  const priced = [];
  for (const product of products) priced.push({ product, price: await priceOf(product) });
  return priced;
}
