/** Labels of more characters lose their end where the room is small. */
const LONG = 20;
/** Characters of a common beginning that stay before the difference. */
const KEPT = 3;

/** The shown labels: a long label that begins like another one loses that beginning, not the difference. */
export function distinctLabels(labels: readonly string[]): readonly string[] {
  return labels.map((label, at) => {
    const common = Math.max(
      0,
      ...labels.map((other, index) => (index === at ? 0 : commonLength(label, other))),
    );
    const cut = common - KEPT;
    return label.length <= LONG || cut <= 1 ? label : `…${label.slice(cut)}`;
  });
}

/** Characters that both texts begin with; never half of a pair of surrogates. */
function commonLength(one: string, other: string): number {
  let length = 0;
  for (const character of one) {
    if (!other.startsWith(character, length)) break;
    length += character.length;
  }
  return length;
}
